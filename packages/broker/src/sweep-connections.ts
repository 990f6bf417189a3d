/**
 * The one coarse look at all connections: who was silent for too long (MQTT 5.0 section 3.1.2.10), who never came to
 * CONNACK, who takes no bytes, whose credentials have expired. No timer per connection.
 */
import { ReasonCode } from "@tidings/packet";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";

/** Milliseconds between two looks; what is due is noticed at most this much late. */
export const SWEEP_INTERVAL_MS = 500;

export function sweepConnections(broker: Broker): void {
  for (const connection of broker.connections) sweep(broker, connection);
}

function sweep(broker: Broker, connection: Connection): void {
  const { nowMs, limits } = broker;
  // A clock that was set back must not give anybody more time than that.
  connection.openedAtMs = Math.min(connection.openedAtMs, nowMs);
  connection.stalledSinceMs = Math.min(connection.stalledSinceMs, nowMs);
  connection.lastReceivedMs = Math.min(connection.lastReceivedMs, nowMs);
  if (!connection.isConnected) {
    if (nowMs - connection.openedAtMs >= connection.limits.connectTimeoutMs) connection.giveUp();
    return;
  }
  if (connection.stalledSinceMs > 0 && nowMs - connection.stalledSinceMs >= limits.stalledTimeoutMs) {
    connection.giveUp();
    return;
  }
  if (nowMs >= connection.expiresAtMs) {
    connection.disconnect(ReasonCode.NotAuthorized, { reasonString: "the credentials have expired" });
    return;
  }
  // One and a half times Keep Alive without a complete packet [MQTT-3.1.2-22].
  const silenceMaxMs = connection.keepAlive * 1500;
  if (silenceMaxMs > 0 && connection.isReading && nowMs - connection.lastReceivedMs >= silenceMaxMs) {
    connection.disconnect(ReasonCode.KeepAliveTimeout);
  }
}
