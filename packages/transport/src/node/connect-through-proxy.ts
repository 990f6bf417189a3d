/**
 * Connects to a server through a proxy: SOCKS5 (RFC 1928, with user name and password of RFC 1929) or HTTP CONNECT (RFC 9110
 * section 9.3.6). The proxy resolves the server's name. What comes out is a socket on which the server's bytes come next.
 */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { TransportError } from "../transport-error.js";
import { awaitSocket, type ConnectOptions } from "./await-connection.js";
import { hostAndPort } from "./stream-error.js";

/** Where the proxy is: `socks5://user:password@host:port`, `http://user:password@host:port` or `https://…`. */
export type ProxyUrl = string;

/** An answer may not be longer, in bytes. */
const HTTP_HEADER_BYTES_MAX = 16_384;
const SOCKS_VERSION = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const SOCKS_REPLIES = [
  "",
  "general failure",
  "the connection is not allowed",
  "the network is unreachable",
  "the host is unreachable",
  "the connection was refused",
  "the time to live has passed",
  "it does not know the command",
  "it does not know the type of address",
];

/** Resolves with a socket that leads to `host:port`. Rejects with a `TransportError` whose `code` says why. */
export async function connectThroughProxy(
  proxy: ProxyUrl,
  host: string,
  port: number,
  options: ConnectOptions,
): Promise<Socket> {
  const url = parseProxy(proxy);
  const isTls = url.protocol === "https:";
  const isSocks = url.protocol.startsWith("socks5");
  const target = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : isSocks ? 1080 : 80) : Number(url.port),
  };
  const place = `the proxy ${hostAndPort(target.host, target.port)}`;
  const servername = isIP(target.host) ? "" : target.host;
  const socket = isTls ? connectTls({ ...target, servername }) : connect(target);
  return awaitSocket(socket, isTls ? "secureConnect" : "connect", place, options, () => socket).then((open) =>
    shakeHands(open, url, isSocks, host, port, options),
  );
}

async function shakeHands(
  socket: Socket,
  url: URL,
  isSocks: boolean,
  host: string,
  port: number,
  { connectTimeoutMs, signal }: ConnectOptions,
): Promise<Socket> {
  const reader = new HandshakeReader(socket, connectTimeoutMs ?? 10_000, signal);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  try {
    if (isSocks) await socksHandshake(socket, reader, username, password, host, port);
    else await httpHandshake(socket, reader, username, password, host, port);
  } catch (cause) {
    reader.release();
    socket.on("error", () => {});
    socket.destroy();
    if (cause instanceof TransportError) throw cause;
    const message = `The proxy ${url.host} did not connect to ${hostAndPort(host, port)}: ${(cause as Error).message}.`;
    throw new TransportError("TIDINGS_CONNECT_FAILED", message, cause);
  }
  reader.release();
  return socket;
}

async function socksHandshake(
  socket: Socket,
  reader: HandshakeReader,
  username: string,
  password: string,
  host: string,
  port: number,
): Promise<void> {
  const methods = username === "" ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USER_AND_PASSWORD];
  socket.write(Uint8Array.of(SOCKS_VERSION, methods.length, ...methods));
  const [version, method] = await reader.take(2);
  if (version !== SOCKS_VERSION) throw new Error("it does not speak SOCKS5");
  if (method === USER_AND_PASSWORD && username !== "") {
    const name = Buffer.from(username);
    const secret = Buffer.from(password);
    if (name.length > 255 || secret.length > 255) throw new Error("its user name or password is longer than 255 bytes");
    socket.write(Uint8Array.of(1, name.length, ...name, secret.length, ...secret));
    const [, status] = await reader.take(2);
    if (status !== 0) throw new Error("it does not accept user name and password");
  } else if (method !== NO_AUTHENTICATION) {
    throw new Error("it wants an authentication that was not given");
  }
  socket.write(Uint8Array.of(SOCKS_VERSION, 1, 0, ...socksAddress(host), port >> 8, port & 0xff));
  const [, reply, , kind] = await reader.take(4);
  if (reply !== 0) throw new Error(SOCKS_REPLIES[reply] || `it answered with ${reply}`);
  // The address that it is bound to: of no interest, but to be read.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : (await reader.take(1))[0];
  await reader.take(length + 2);
}

function socksAddress(host: string): number[] {
  if (isIP(host) === 4) return [1, ...host.split(".").map(Number)];
  const name = Buffer.from(host);
  if (name.length > 255) throw new Error("the server's name is longer than 255 bytes");
  return [3, name.length, ...name]; // the address of IPv6 as text is understood as well
}

async function httpHandshake(
  socket: Socket,
  reader: HandshakeReader,
  username: string,
  password: string,
  host: string,
  port: number,
): Promise<void> {
  const place = hostAndPort(host, port);
  const credentials = Buffer.from(`${username}:${password}`).toString("base64");
  const authorization = username === "" ? "" : `Proxy-Authorization: Basic ${credentials}\r\n`;
  socket.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${authorization}\r\n`);
  const header = await reader.takeUntilBlankLine();
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(header) ?? [];
  if (status === undefined) throw new Error("it does not speak HTTP");
  if (!status.startsWith("2")) throw new Error(`it answered with ${header.split("\r\n")[0]}`);
}

function parseProxy(proxy: ProxyUrl): URL {
  const [, scheme = "", rest = ""] = /^(socks5h?|https?):\/\/(.+)$/i.exec(proxy) ?? [];
  try {
    const url = new URL(`${scheme.toLowerCase()}://${rest}`);
    if (url.hostname !== "") return url;
  } catch {
    // Told below.
  }
  throw new TransportError(
    "TIDINGS_CONNECT_FAILED",
    "The proxy's URL cannot be used. Write socks5://host:port, http://host:port or https://host:port.",
  );
}

/** Takes the answers of a proxy off a socket, and not one byte more. */
class HandshakeReader {
  private bytes: Buffer = Buffer.alloc(0);
  private wake: () => void = () => {};
  private error: Error | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly onData = (chunk: Buffer): void => {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    this.wake();
  };
  private readonly onEnd = (): void => this.fail(new Error("it closed the connection"));
  private readonly onError = (error: Error): void => this.fail(error);
  private readonly onAbort = (): void =>
    this.fail(new TransportError("TIDINGS_CONNECT_ABORTED", "Connecting was aborted.", this.signal?.reason));

  constructor(
    private readonly socket: Socket,
    timeoutMs: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    socket.on("data", this.onData);
    socket.on("end", this.onEnd);
    socket.on("error", this.onError);
    signal?.addEventListener("abort", this.onAbort);
    const message = `The proxy did not answer within ${timeoutMs} ms.`;
    this.timer = setTimeout(() => this.fail(new TransportError("TIDINGS_CONNECT_TIMEOUT", message)), timeoutMs);
    if (signal?.aborted) this.onAbort();
  }

  async take(length: number): Promise<Buffer> {
    await this.until(() => this.bytes.length >= length);
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }

  async takeUntilBlankLine(): Promise<string> {
    await this.until(() => this.bytes.includes("\r\n\r\n") || this.bytes.length > HTTP_HEADER_BYTES_MAX);
    const end = this.bytes.indexOf("\r\n\r\n");
    if (end < 0) throw new Error("its answer is too long");
    return (await this.take(end + 4)).toString("latin1");
  }

  /** The socket is as it was, with what was read too far in front. */
  release(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener("abort", this.onAbort);
    const { socket } = this;
    socket.pause();
    socket.off("data", this.onData);
    socket.off("end", this.onEnd);
    socket.off("error", this.onError);
    if (this.bytes.length > 0 && this.error === undefined) socket.unshift(this.bytes);
  }

  private async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.error !== undefined) throw this.error;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private fail(error: Error): void {
    this.error ??= error;
    this.wake();
  }
}
