/**
 * What stands before a server: connections that come too often are cut, and a proxy's word about its client is read
 * before anything of the client's. Only there when somebody asked for it.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { PeerInfo, TransportName } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import { AddressList } from "./address-list.js";
import { type ListenerOptions, type PortOptions, type ProxyProtocolOptions, serverOptions } from "./listen-options.js";
import { peerInfoOfSocket, plainAddress } from "./peer-info-of-socket.js";
import type { ProxyHeader } from "./proxy-header.js";
import { receiveProxyHeader } from "./receive-proxy-header.js";

/** From the connection to the whole header, in milliseconds. */
export const PROXY_HEADER_TIMEOUT_MS_DEFAULT = 5_000;

/** Makes the description of a peer, with what its proxy said. */
export type PeerInfoOf = (socket: Socket, transport: TransportName, httpHeaders?: PeerInfo["httpHeaders"]) => PeerInfo;

export class Gate {
  /** By the addresses of the connection itself, under which a TLS socket on top of it is found as well. */
  private readonly headers = new Map<string, ProxyHeader>();

  constructor(
    private readonly options: ListenerOptions & { readonly proxyProtocol?: ProxyProtocolOptions },
    /** Addresses that `admits` is not asked about yet: who is behind them will be known later. */
    private readonly spared: AddressList = NOBODY,
    private readonly trusted = new AddressList(options.proxyProtocol?.trustedAddresses ?? []),
  ) {}

  /** Calls `next`, now or later, for a connection that may go on; the others are gone. */
  pass(socket: Socket, next: (socket: Socket) => void): void {
    const address = plainAddress(socket.remoteAddress);
    const { proxyProtocol } = this.options;
    if (proxyProtocol === undefined) {
      if (this.spared.has(address) || this.admits(socket, address)) next(socket);
      return;
    }
    if (!this.trusted.has(address)) {
      this.refuse(socket, `${address} is no trusted proxy`);
      return;
    }
    receiveProxyHeader(socket, proxyProtocol.timeoutMs ?? PROXY_HEADER_TIMEOUT_MS_DEFAULT, (header, problem) => {
      if (header === undefined) this.refuse(socket, `${address} ${problem}`);
      else this.passBehindProxy(socket, header, next);
    });
  }

  readonly peerInfoOf: PeerInfoOf = (socket, transport, httpHeaders) => {
    const peer = peerInfoOfSocket(socket, transport, httpHeaders);
    const header = this.headers.get(keyOf(socket));
    return header === undefined ? peer : behindProxy(peer, header);
  };

  private passBehindProxy(socket: Socket, header: ProxyHeader, next: (socket: Socket) => void): void {
    const { source } = header;
    // A proxy that asks for itself, to see whether we are well, is not counted.
    if (
      source !== undefined &&
      !this.spared.has(source.address) &&
      !this.admits(socket, plainAddress(source.address))
    ) {
      return;
    }
    const key = keyOf(socket);
    this.headers.set(key, header);
    socket.once("close", () => this.headers.delete(key));
    next(socket);
  }

  private admits(socket: Socket, address: string | undefined): boolean {
    if (this.options.admits?.(address) !== false) return true;
    socket.destroy();
    this.options.onError?.(rateExceeded(address));
    return false;
  }

  private refuse(socket: Socket, reason: string): void {
    socket.destroy();
    this.options.onError?.(new TransportError("TIDINGS_PROXY_PROTOCOL", `A connection was refused: ${reason}.`));
  }
}

const NOBODY = new AddressList([]);

export function rateExceeded(address: string | undefined): TransportError {
  return new TransportError("TIDINGS_CONNECTION_RATE", `A connection was refused: ${address} connects too often.`);
}

/** The listener needs nobody at its door. */
export function needsGate(options: PortOptions): boolean {
  return options.admits !== undefined || options.proxyProtocol !== undefined;
}

/** A server that accepts in the place of `inner`, and hands it what passes. */
export function gatedServer(inner: Server, gate: Gate, options: PortOptions, allowHalfOpen = false): Server {
  const outer = createServer({ ...serverOptions(options), allowHalfOpen }, (socket) => {
    gate.pass(socket, (passed) => {
      if (outer.listening) inner.emit("connection", passed);
      else passed.destroy();
    });
  });
  // HTTP servers begin to look after slow requests when they listen, and stop when they are closed.
  outer.once("listening", () => inner.emit("listening"));
  const { close } = outer;
  outer.close = (callback) => {
    inner.close();
    return close.call(outer, callback);
  };
  return outer;
}

function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

function behindProxy(peer: PeerInfo, { source, destination, tls }: ProxyHeader): PeerInfo {
  if (source === undefined) return peer;
  return {
    ...peer,
    address: plainAddress(source.address),
    port: source.port,
    localAddress: plainAddress(destination?.address),
    localPort: destination?.port,
    proxyAddress: peer.address,
    tls: peer.tls ?? tls,
  };
}
