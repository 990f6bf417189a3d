/**
 * Patterns of messages between publishers and subscribers, as data. In a topic `%` stands for the client's number.
 */
import type { Properties, ProtocolVersion } from "@tidings/packet";

export interface TrafficScenario {
  name: string;
  publishers: number;
  subscribers: number;
  topicName: string;
  topicFilter: string;
  qos: 0 | 1 | 2;
  protocolVersion: ProtocolVersion;
  payloadBytes: number;
  /** Messages that a publisher may have outstanding. */
  window: number;
  properties?: Pick<Properties, "userProperties" | "topicAlias">;
}

function fanOut(subscribers: number, qos: 0 | 1 | 2, payloadBytes = 64): TrafficScenario {
  return {
    name: `fan-out 1→${subscribers} QoS ${qos}${payloadBytes === 64 ? "" : ` ${payloadBytes} B`}`,
    publishers: 1,
    subscribers,
    topicName: "bench/fan-out",
    topicFilter: "bench/fan-out",
    qos,
    protocolVersion: 4,
    payloadBytes,
    window: subscribers > 10 ? 100 : 500,
  };
}

export const TRAFFIC_SCENARIOS: readonly TrafficScenario[] = [fanOut(10, 0), fanOut(10, 1)];
