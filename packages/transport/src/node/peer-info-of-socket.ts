/** Reads a socket's addresses and certificate once: after the end Node does not know them any more. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { PeerInfo, TlsPeerInfo, TransportName } from "../peer-info.js";

export function peerInfoOfSocket(
  socket: Socket,
  transport: TransportName = socket instanceof TLSSocket ? "tls" : "tcp",
  httpHeaders?: PeerInfo["httpHeaders"],
): PeerInfo {
  return {
    transport,
    address: plainAddress(socket.remoteAddress),
    port: socket.remotePort,
    localAddress: plainAddress(socket.localAddress),
    localPort: socket.localPort,
    tls: socket instanceof TLSSocket ? tlsPeerInfo(socket) : undefined,
    httpHeaders,
  };
}

/** A dual-stack listener reports IPv4 peers as `::ffff:192.0.2.1`; limits and lists want one spelling. */
export function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function tlsPeerInfo(socket: TLSSocket): TlsPeerInfo {
  // Absent without a certificate; two common names, which Node gives as a list, identify nobody.
  const commonName: unknown = socket.getPeerCertificate()?.subject?.CN;
  const serverName = (socket as { servername?: string | false | null }).servername;
  return {
    authorized: socket.authorized,
    protocol: socket.getProtocol() ?? undefined,
    serverName: typeof serverName === "string" && serverName !== "" ? serverName : undefined,
    certificateCommonName: typeof commonName === "string" ? commonName : undefined,
    // One attribute a line, values escaped by OpenSSL, so that no value can pose as another attribute.
    certificateSubject: socket.getPeerX509Certificate()?.subject?.split("\n").join(", "),
  };
}
