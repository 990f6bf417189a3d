/** Makes headers of the PROXY protocol, version 2, right and wrong. */
import { isIPv4 } from "node:net";

export interface ProxyV2 {
  /** Version and command. Default: 2, PROXY. */
  readonly command?: number;
  readonly family?: number;
  /** IPv6 addresses with all their groups. Default: no addresses. */
  readonly source?: string;
  readonly destination?: string;
  readonly serverName?: string;
  readonly ssl?: { readonly client: number; readonly verify: number; readonly commonName?: string };
  /** Behind the other values. */
  readonly extra?: Buffer;
}

export function proxyV2(header: ProxyV2): Buffer {
  const { source, destination = "", serverName, ssl, extra } = header;
  const parts: Buffer[] = [];
  if (source !== undefined) parts.push(addressBytes(source), addressBytes(destination), Buffer.from([220, 4, 1, 187]));
  if (serverName !== undefined) parts.push(value(0x02, Buffer.from(serverName)));
  if (ssl !== undefined) {
    const details = [Buffer.from([ssl.client, 0, 0, 0, ssl.verify]), value(0x21, Buffer.from("TLSv1.3"))];
    if (ssl.commonName !== undefined) details.push(value(0x22, Buffer.from(ssl.commonName)));
    parts.push(value(0x20, Buffer.concat(details)));
  }
  if (extra !== undefined) parts.push(extra);
  const body = Buffer.concat(parts);
  const fixed = Buffer.from("\r\n\r\n\0\r\nQUIT\n\0\0\0\0", "latin1");
  fixed[12] = header.command ?? 0x21;
  fixed[13] = header.family ?? (source === undefined || isIPv4(source) ? 0x11 : 0x21);
  if (source === undefined && header.family === undefined && header.command === undefined) fixed[13] = 0;
  fixed.writeUInt16BE(body.length, 14);
  return Buffer.concat([fixed, body]);
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  return Buffer.concat(
    address.split(":").map((group) => {
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(Number.parseInt(group, 16));
      return bytes;
    }),
  );
}

function value(type: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
