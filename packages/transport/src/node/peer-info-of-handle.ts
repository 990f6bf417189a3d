/** Asks a TCP handle for its addresses once: after the end they are not known any more. */
import type { PeerInfo } from "../peer-info.js";
import { plainAddress } from "./peer-info-of-socket.js";
import type { SocketName, TcpHandle } from "./tcp-handle.js";

/** Most connections of a listener came to the same address of ours, so its text is kept once. */
let lastLocalAddress: string | undefined;

export function peerInfoOfHandle(handle: TcpHandle): PeerInfo {
  const remote: SocketName = {};
  const local: SocketName = {};
  handle.getpeername(remote);
  handle.getsockname(local);
  const localAddress = plainAddress(local.address);
  if (localAddress !== lastLocalAddress) lastLocalAddress = localAddress;
  return {
    transport: "tcp",
    address: plainAddress(remote.address),
    port: remote.port,
    localAddress: lastLocalAddress,
    localPort: local.port,
  };
}
