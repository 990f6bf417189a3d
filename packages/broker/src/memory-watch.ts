/**
 * Whether the broker holds more than it may: its own account of messages, and what its host says that the process takes.
 * Looked at now and then, never for a message. What was too much stays too much until it is down to nine tenths.
 */
import type { Broker } from "./broker.js";

/** Below this part of a limit there is room again. */
const RELIEF = 0.9;

export class MemoryWatch {
  /** Messages and sessions are refused. */
  isShort = false;
  /** Of the process, as the host last said. */
  processBytes = 0;

  constructor(private readonly broker: Broker) {}

  /** True: whether there is room has changed. */
  look(): boolean {
    const { memoryBytesMax, processMemoryBytesMax } = this.broker.limits;
    const part = this.isShort ? RELIEF : 1;
    const isShort =
      (memoryBytesMax > 0 && this.broker.messageBytes() > memoryBytesMax * part) ||
      (processMemoryBytesMax > 0 && this.processBytes > processMemoryBytesMax * part);
    if (isShort === this.isShort) return false;
    this.isShort = isShort;
    return true;
  }
}
