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
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function tlsPeerInfo(socket: TLSSocket): TlsPeerInfo {
  const certificate = socket.getPeerX509Certificate?.();
  // One attribute a line, values escaped by OpenSSL, so that no value can pose as another attribute.
  const attributes = certificate?.subject?.split("\n");
  const commonNames = attributes?.filter((attribute) => attribute.startsWith("CN="));
  const serverName = (socket as { servername?: string | false | null }).servername;
  return {
    authorized: socket.authorized,
    protocol: socket.getProtocol() ?? undefined,
    serverName: typeof serverName === "string" && serverName !== "" ? serverName : undefined,
    // Two common names identify nobody.
    certificateCommonName: commonNames?.length === 1 ? unescaped(commonNames[0].slice(3)) : undefined,
    certificateSubject: attributes?.join(", "),
  };
}

/** Undoes the RFC 2253 escapes of one value: `\,` and the like, and `\0A` for control characters. */
function unescaped(value: string): string {
  return value.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_, escape: string) =>
    escape.length === 2 ? String.fromCharCode(Number.parseInt(escape, 16)) : escape,
  );
}
