/**
 * A message to tell a store of, which counts how often it is asked for its content.
 */
import type { StorableMessage, StoredMessage } from "../session-store.js";

const NO_BYTES = new Uint8Array();

export class TestMessage implements StorableMessage {
  messageNumber = 0;
  /** How often a store asked for it. */
  timesStored = 0;
  readonly content: StoredMessage;

  /** `name` becomes topic and payload; `content` replaces what it names. */
  constructor(name: string, content: Partial<StoredMessage> = {}) {
    this.content = {
      topicName: `topic/${name}`,
      payload: bytesOf(name),
      properties: NO_BYTES,
      qos: 1,
      expiresAtMs: Number.POSITIVE_INFINITY,
      publisherIdentifier: undefined,
      ...content,
    };
  }

  stored(): StoredMessage {
    this.timesStored += 1;
    return this.content;
  }
}

/** ASCII text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
