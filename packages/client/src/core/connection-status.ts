/**
 * The life of a Network Connection as the client sees it, and the packets a server may send in each status
 * (MQTT 5.0 sections 3.2, 3.15 and 4.12).
 */
import { PacketType } from "@tidings/packet";

export const ConnectionStatus = {
  /** CONNECT was sent; CONNACK, or AUTH before it, comes next [MQTT-3.2.0-1]. */
  AwaitingConnack: 0,
  /** CONNACK was good, and the server's last proof is being checked. What comes behind it is held. */
  Verifying: 1,
  /** Packets flow. */
  Connected: 2,
  /** Over; nothing is read or written any more. */
  Closed: 3,
} as const;
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus];

function set(...types: PacketType[]): number {
  return types.reduce((bits, type) => bits | (1 << type), 0);
}

/** Bit n stands for packet type n: all but what only clients send, and CONNACK, which comes once. */
const FLOWING =
  0xfffe &
  ~set(PacketType.CONNECT, PacketType.CONNACK, PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE, PacketType.PINGREQ);
const ALLOWED: readonly number[] = [set(PacketType.CONNACK, PacketType.AUTH), 0, FLOWING, 0];

/** Packets that a server sends in 5.0 only. */
const VERSION_5_ONLY = set(PacketType.DISCONNECT, PacketType.AUTH);

export function isAllowed(status: ConnectionStatus, version: number, type: number): boolean {
  const allowed = version === 5 ? ALLOWED[status] : ALLOWED[status] & ~VERSION_5_ONLY;
  return (allowed & (1 << type)) !== 0;
}
