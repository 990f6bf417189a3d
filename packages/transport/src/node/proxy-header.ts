/**
 * The PROXY protocol's header, versions 1 and 2, as HAProxy defines it: what a proxy says of the connection it passes on.
 * Sans-IO and strict: anything that is not exactly such a header is an error, since it decides who a client is.
 */
import { isIP, SocketAddress } from "node:net";

export interface ProxyHeader {
  /** Length of the header; what follows is the client's. */
  readonly length: number;
  /** Undefined: the proxy speaks for itself (a health check), or does not know. The connection's own addresses hold. */
  readonly source: ProxyEndpoint | undefined;
  readonly destination: ProxyEndpoint | undefined;
  /** Of the TLS connection that the proxy has ended; version 2 only. */
  readonly tls: ProxyTls | undefined;
}

interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
}

interface ProxyTls {
  /** The client has presented a certificate, and the proxy has verified it. */
  readonly authorized: boolean;
  readonly protocol: string | undefined;
  readonly serverName: string | undefined;
  readonly certificateCommonName: string | undefined;
}

/** The longest header of version 1, line end included. */
const PROXY_V1_BYTES_MAX = 107;
/** A header of version 2 may be longer, by the letter; what proxies add to it is much shorter. */
export const PROXY_V2_BYTES_MAX = 4096;

const V1_START = Buffer.from("PROXY ", "latin1");
const V2_SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const V2_FIXED_BYTES = 16;

/** Undefined: more bytes are needed. Throws an `Error` whose message is the end of a sentence about the peer. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (isPrefix(bytes, V2_SIGNATURE)) return readVersion2(bytes);
  if (isPrefix(bytes, V1_START)) return readVersion1(bytes);
  throw new Error("sent no PROXY protocol header");
}

/** As far as there is something to compare. */
function isPrefix(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.subarray(0, length).equals(expected.subarray(0, length));
}

function readVersion1(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, PROXY_V1_BYTES_MAX).indexOf("\r\n");
  if (end < 0) {
    if (bytes.length >= PROXY_V1_BYTES_MAX) throw new Error("sent a PROXY header without an end");
    return undefined;
  }
  const line = bytes.toString("latin1", 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { length, source: undefined, destination: undefined, tls: undefined };
  const match = /^PROXY TCP([46]) ([0-9A-Fa-f.:]{2,45}) ([0-9A-Fa-f.:]{2,45}) (\d{1,5}) (\d{1,5})$/.exec(line);
  if (match === null) throw new Error("sent a PROXY header that is not understood");
  const [, family, from, to, fromPort, toPort] = match;
  if (isIP(from) !== Number(family) || isIP(to) !== Number(family)) {
    throw new Error(`sent a PROXY header whose addresses are not IPv${family}`);
  }
  const source = { address: from.toLowerCase(), port: portOf(fromPort) };
  return { length, source, destination: { address: to.toLowerCase(), port: portOf(toPort) }, tls: undefined };
}

function portOf(text: string): number {
  const port = Number(text);
  if (port > 65_535 || (text.length > 1 && text.startsWith("0"))) {
    throw new Error("sent a PROXY header with an impossible port");
  }
  return port;
}

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

function readVersion2(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < V2_FIXED_BYTES) return undefined;
  const command = bytes[12];
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) {
    throw new Error("sent a PROXY header of an unknown version or command");
  }
  const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (length > PROXY_V2_BYTES_MAX) throw new Error(`sent a PROXY header of ${length} bytes`);
  if (bytes.length < length) return undefined;
  if (command === COMMAND_LOCAL) return { length, source: undefined, destination: undefined, tls: undefined };
  const addressBytes = bytes[13] === TCP_OVER_IPV4 ? 4 : bytes[13] === TCP_OVER_IPV6 ? 16 : 0;
  // Unix sockets, datagrams and what is unspecified: nobody to name.
  if (addressBytes === 0) return { length, source: undefined, destination: undefined, tls: undefined };
  const body = bytes.subarray(V2_FIXED_BYTES, length);
  const valuesAt = 2 * addressBytes + 4;
  if (body.length < valuesAt) throw new Error("sent a PROXY header that is too short for its addresses");
  return {
    length,
    source: endpoint(body, 0, addressBytes, 2 * addressBytes),
    destination: endpoint(body, addressBytes, addressBytes, 2 * addressBytes + 2),
    tls: readTls(readValues(body.subarray(valuesAt))),
  };
}

function endpoint(body: Buffer, at: number, length: number, portAt: number): ProxyEndpoint {
  return { address: addressOf(body.subarray(at, at + length)), port: body.readUInt16BE(portAt) };
}

/** In the spelling that Node gives addresses. */
function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

const VALUE_AUTHORITY = 0x02;
const VALUE_SSL = 0x20;
const SSL_VERSION = 0x21;
const SSL_COMMON_NAME = 0x22;
const SSL_FIXED_BYTES = 5;
const SSL_CLIENT_CONNECTED = 0x01;
/** A certificate came over this connection, or over an earlier one of the same TLS session. */
const SSL_CLIENT_CERTIFICATE = 0x06;

/** Type, length, value; a type that comes twice would be ambiguous. */
function readValues(bytes: Buffer): Map<number, Buffer> {
  const values = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    if (at + 3 > bytes.length) throw new Error("sent a PROXY header with a value that is cut off");
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) throw new Error("sent a PROXY header with a value that is cut off");
    const type = bytes[at];
    if (values.has(type) && (type === VALUE_SSL || type === SSL_COMMON_NAME || type === VALUE_AUTHORITY)) {
      throw new Error("sent a PROXY header that says the same thing twice");
    }
    values.set(type, bytes.subarray(at + 3, end));
    at = end;
  }
  return values;
}

function readTls(values: Map<number, Buffer>): ProxyTls | undefined {
  const ssl = values.get(VALUE_SSL);
  if (ssl === undefined) return undefined;
  if (ssl.length < SSL_FIXED_BYTES) throw new Error("sent a PROXY header with a value that is cut off");
  if ((ssl[0] & SSL_CLIENT_CONNECTED) === 0) return undefined;
  const details = readValues(ssl.subarray(SSL_FIXED_BYTES));
  const isVerified = (ssl[0] & SSL_CLIENT_CERTIFICATE) !== 0 && ssl.readUInt32BE(1) === 0;
  return {
    authorized: isVerified,
    protocol: details.get(SSL_VERSION)?.toString("latin1"),
    serverName: values.get(VALUE_AUTHORITY)?.toString("utf8"),
    certificateCommonName: details.get(SSL_COMMON_NAME)?.toString("utf8"),
  };
}
