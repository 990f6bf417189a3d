/**
 * What the publish form of each connection holds, and what was published from it, in the browser's local storage. Bounded:
 * the newest few messages, and none with a long payload.
 */
import type { KeyValueStorage } from "./profile-store.js";
import { DEFAULT_PUBLISH_FIELDS, type PublishFields } from "./publish-fields.js";
import { takeKnown } from "./take-known.js";

interface Remembered {
  readonly draft: PublishFields;
  /** Newest first. */
  readonly published: readonly PublishFields[];
}

const PUBLISHED_MAX = 10;
const PAYLOAD_CHARACTERS_MAX = 4_096;

export class PublishMemory {
  constructor(private readonly storage: KeyValueStorage) {}

  /** What cannot be read is left out. */
  recall(profileId: string): Remembered {
    const { draft, published } = this.#read(profileId);
    return {
      draft: isObject(draft) ? takeKnown(DEFAULT_PUBLISH_FIELDS, draft) : DEFAULT_PUBLISH_FIELDS,
      published: (Array.isArray(published) ? published : [])
        .filter(isObject)
        .slice(0, PUBLISHED_MAX)
        .map((fields) => takeKnown(DEFAULT_PUBLISH_FIELDS, fields)),
    };
  }

  /** A draft with a longer payload than is kept is saved without it. */
  saveDraft(profileId: string, draft: PublishFields): void {
    const kept = isShort(draft) ? draft : { ...draft, payload: "" };
    this.#write(profileId, { ...this.recall(profileId), draft: kept });
  }

  /** The same message again moves to the front. */
  addPublished(profileId: string, fields: PublishFields): void {
    if (!isShort(fields)) return;
    const { draft, published } = this.recall(profileId);
    const key = JSON.stringify(takeKnown(DEFAULT_PUBLISH_FIELDS, fields));
    const others = published.filter((other) => JSON.stringify(other) !== key);
    this.#write(profileId, { draft, published: [fields, ...others].slice(0, PUBLISHED_MAX) });
  }

  forget(profileId: string): void {
    this.#attempt(() => this.storage.removeItem(keyOf(profileId)));
  }

  #read(profileId: string): { draft?: unknown; published?: unknown } {
    const saved = this.#attempt(() => JSON.parse(this.storage.getItem(keyOf(profileId)) ?? "{}"));
    return isObject(saved) ? saved : {};
  }

  #write(profileId: string, remembered: Remembered): void {
    this.#attempt(() => this.storage.setItem(keyOf(profileId), JSON.stringify(remembered)));
  }

  /** Storage that is full or switched off, or holds something else, is no reason to stop: nothing is remembered, then. */
  #attempt(action: () => unknown): unknown {
    try {
      return action();
    } catch {
      return undefined;
    }
  }
}

function keyOf(profileId: string): string {
  return `tidings.publish.1.${profileId}`;
}

function isShort({ payload }: PublishFields): boolean {
  return payload.length <= PAYLOAD_CHARACTERS_MAX;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
