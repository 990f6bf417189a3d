/**
 * UNSUBSCRIBE (MQTT 5.0 section 3.10). What is already in flight or queued is still delivered [MQTT-3.10.4-2].
 */
import { PacketType, ReasonCode, type UnsubscribePacket } from "@tidings/packet";
import type { Connection } from "./connection.js";
import { mountFilter } from "./mount-point.js";
import type { Session } from "./session.js";
import { unsubscribeSession } from "./subscribe-session.js";

export function handleUnsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { broker } = connection;
  const session = connection.session as Session;
  const reasonCodes: number[] = [];
  const { mountPoint } = connection;
  for (const filter of packet.topicFilters) {
    const topicFilter = mountPoint === undefined ? filter : mountFilter(mountPoint, filter);
    const existed = unsubscribeSession(session, topicFilter);
    reasonCodes.push(existed ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted);
    if (existed) broker.hooks.unsubscribed(connection, topicFilter);
  }
  connection.answer({ type: PacketType.UNSUBACK, packetIdentifier: packet.packetIdentifier, reasonCodes });
}
