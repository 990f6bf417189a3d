/**
 * Reads queued deliveries again, page by page, for queues that are longer than memory should hold. Which record holds which
 * delivery is in memory; a page costs the frames that these lie in.
 */
import type { QueuePageLimits, RecoveredDelivery } from "@tidings/session";
import { FrameReader } from "./frame-reader.js";
import { targetsIn } from "./frame-record.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { MessageReader } from "./message-reader.js";
import { damaged } from "./store-error.js";
import type { KeptSession, StoreState } from "./store-state.js";

/** Frames are read up to so many bytes for one page: the messages of a session may lie far apart. */
const PAGE_READ_BYTES_MAX = 1_048_576;

export class QueueReader {
  private readonly records: FrameReader;
  private readonly messages: MessageReader;

  constructor(driver: KeyValueDriver, state: StoreState) {
    this.records = new FrameReader(driver, state);
    this.messages = new MessageReader(driver, state);
  }

  /** As `SessionStore.readQueue`. */
  read(
    session: KeptSession,
    from: number,
    limits: QueuePageLimits,
    visit: (delivery: RecoveredDelivery) => void,
  ): number {
    const { deliveries } = session;
    const readMax = this.bytesRead + PAGE_READ_BYTES_MAX;
    let messages = 0;
    let bytes = 0;
    let next = from;
    for (const { deliveryNumber, record } of deliveries.queuedFrom(from)) {
      const isFull = messages >= limits.messages || bytes >= limits.bytes || this.bytesRead >= readMax;
      if (isFull && messages > 0) return deliveryNumber;
      const delivery = this.delivery(session, deliveryNumber, record);
      const { topicName, properties, payload } = delivery.message;
      messages += 1;
      bytes += topicName.length + properties.length + payload.length;
      next = deliveryNumber + 1;
      visit(delivery);
    }
    return next;
  }

  private get bytesRead(): number {
    return this.records.bytesRead + this.messages.bytesRead;
  }

  private delivery(session: KeptSession, deliveryNumber: number, number: number): RecoveredDelivery {
    const record = this.records.find(number);
    for (const { sessionNumber, ...delivery } of targetsIn(this.records.content, record)) {
      if (sessionNumber !== session.number || delivery.deliveryNumber !== deliveryNumber) continue;
      const message = this.messages.read(number);
      return { ...delivery, messageNumber: record.messageNumber, message, packetIdentifier: 0, released: false };
    }
    throw damaged(`delivery ${deliveryNumber} of ${session.clientIdentifier} is not in record ${number}`);
  }
}
