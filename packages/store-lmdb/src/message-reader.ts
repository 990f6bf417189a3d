/** Fetches single messages by the record that holds or refers to them. */
import type { StoredMessage } from "@tidings/session";
import { FrameReader } from "./frame-reader.js";
import { holdsMessage, messageIn } from "./frame-record.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { damaged } from "./store-error.js";
import type { StoreState } from "./store-state.js";

export class MessageReader {
  private readonly frames: FrameReader;

  constructor(
    driver: KeyValueDriver,
    private readonly state: StoreState,
  ) {
    this.frames = new FrameReader(driver, state);
  }

  get bytesRead(): number {
    return this.frames.bytesRead;
  }

  /** The answer's bytes are views of the frame. */
  read(record: number): StoredMessage {
    const holder = this.state.holders.get(record) ?? record;
    const found = this.frames.find(holder);
    if (!holdsMessage(found.kind)) throw damaged(`message ${holder} is missing`);
    return messageIn(this.frames.content, found);
  }
}
