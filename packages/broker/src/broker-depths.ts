import type { Broker } from "./broker.js";

/** What `Broker.depths` adds up. */
export interface BrokerDepths {
  /** Waiting behind the in-flight window, or for the client to come back. */
  readonly queuedMessages: number;
  /** What they count as against `queuedBytesMax`: a message in several queues counts in each. */
  readonly queuedBytes: number;
  /** Of these, what is in memory. */
  readonly queuedBytesInMemory: number;
  /** Sent at QoS 1 or 2 and not acknowledged. */
  readonly inFlightMessages: number;
  readonly inFlightBytes: number;
  /** Written and not yet taken by the transport. */
  readonly unsentBytes: number;
}

/** Looks at every session and connection. */
export function depthsOf(broker: Broker): BrokerDepths {
  const depths = {
    queuedMessages: 0,
    queuedBytes: 0,
    queuedBytesInMemory: 0,
    inFlightMessages: 0,
    inFlightBytes: 0,
    unsentBytes: 0,
  };
  for (const { outbound, inFlightBytes } of broker.sessions.values()) {
    depths.queuedMessages += outbound.queue.size;
    depths.queuedBytes += outbound.queue.bytes;
    depths.queuedBytesInMemory += outbound.queue.bytesInMemory;
    depths.inFlightMessages += outbound.inFlight.size;
    depths.inFlightBytes += inFlightBytes;
  }
  for (const { outbound } of broker.connections) depths.unsentBytes += outbound.pendingBytes;
  return depths;
}
