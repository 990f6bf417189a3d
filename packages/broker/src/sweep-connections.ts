/**
 * The one coarse look at all connections: who was silent for too long (MQTT 5.0 section 3.1.2.10), who never came to
 * CONNACK, who takes no bytes, whose credentials have expired. No timer per connection.
 */
import { ReasonCode } from "@tidings/packet";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";

/** Milliseconds between two looks; what is due is noticed at most this much late. */
export const SWEEP_INTERVAL_MS = 500;

/**
 * `lateMs` is how long ago this look was due. Much: the clock was set forward, or the process did not run. Nobody could
 * be heard in that time, so it is nobody's silence.
 */
export function sweepConnections(broker: Broker, lateMs: number): void {
  const unheardMs = lateMs > SWEEP_INTERVAL_MS ? lateMs : 0;
  for (const connection of broker.connections) sweep(broker, connection, unheardMs);
}

function sweep(broker: Broker, connection: Connection, unheardMs: number): void {
  const { nowMs, limits } = broker;
  // A clock that was set back must not give anybody more time than that.
  connection.openedAtMs = Math.min(connection.openedAtMs + unheardMs, nowMs);
  connection.lastReceivedMs = Math.min(connection.lastReceivedMs + unheardMs, nowMs);
  if (connection.stalledSinceMs > 0) {
    connection.stalledSinceMs = Math.min(connection.stalledSinceMs + unheardMs, nowMs);
  }
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
