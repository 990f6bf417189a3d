/**
 * What the broker counts about its traffic since it was made. Always on: one addition per packet and direction, so that
 * nobody has to be asked. Read them whenever you like; a difference between two reads gives a rate.
 */
import { PacketType, type QoS } from "@tidings/packet";
import { LatencyHistogram } from "./latency-histogram.js";

/** Packets of one direction, by the first byte of their fixed header: it tells the type and, of a PUBLISH, the QoS. */
export class PacketCounters {
  private readonly counts = new Float64Array(256);
  private readonly sizes = new Float64Array(256);

  /** @internal */
  add(firstByte: number, bytes: number): void {
    this.counts[firstByte] += 1;
    this.sizes[firstByte] += bytes;
  }

  /** All packets, or those of one type. */
  packets(type?: PacketType): number {
    return sum(this.counts, type);
  }

  /** Their bytes, fixed headers included. */
  bytes(type?: PacketType): number {
    return sum(this.sizes, type);
  }

  /** PUBLISH packets of one QoS, those sent again included. */
  publishes(qos: QoS): number {
    return ofQoS(this.counts, qos);
  }

  /** Bytes of PUBLISH packets of one QoS, headers included. */
  publishBytes(qos: QoS): number {
    return ofQoS(this.sizes, qos);
  }
}

export class BrokerCounters {
  readonly received = new PacketCounters();
  readonly sent = new PacketCounters();
  /** Network Connections taken, those that never came to CONNECT included. */
  connectionsOpened = 0;
  /** Connections turned away because `connectionsMax` or `unauthenticatedPerAddressMax` was reached. */
  connectionsTurnedAway = 0;
  /** Accepted CONNECT packets. */
  clientsConnected = 0;
  /** Refused CONNECT packets, by Reason Code of 5.0. */
  readonly clientsRefused = new Map<number, number>();
  /** Ends of connections after CONNACK, by Reason Code. */
  readonly clientsDisconnected = new Map<number, number>();
  /** The most clients that were connected at a time. */
  clientsConnectedMax = 0;
  /** How often a client was not read for a while because it published faster than it may. */
  publishPauses = 0;
  /** Sessions that ended because their Session Expiry Interval had passed. */
  sessionsExpired = 0;
  /** From a PUBLISH at QoS 1 or 2 to its PUBACK or PUBREC: what hooks and the store take. */
  readonly acknowledgement = new LatencyHistogram();
  /**
   * From a message's coming to its acknowledgement by a receiver, for QoS 1 and 2 to connected clients. A sample: one
   * message at a time of each session.
   */
  readonly delivery = new LatencyHistogram();
}

/** @internal */
export function countOne(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(values: Float64Array, type: PacketType | undefined): number {
  const from = type === undefined ? 0 : type << 4;
  const to = type === undefined ? 256 : from + 16;
  let total = 0;
  for (let i = from; i < to; i++) total += values[i];
  return total;
}

function ofQoS(values: Float64Array, qos: QoS): number {
  let total = 0;
  for (let flags = 0; flags < 16; flags++) {
    if (((flags >> 1) & 3) === qos) total += values[(PacketType.PUBLISH << 4) | flags];
  }
  return total;
}
