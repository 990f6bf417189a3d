/** What is in the publish form, and what was published before; remembered for each connection. */
import { signal } from "@preact/signals";
import { DEFAULT_PUBLISH_FIELDS, type PublishFields } from "../model/publish-fields.js";
import { PublishMemory } from "../model/publish-memory.js";
import { browserStorage } from "./browser-storage.js";

const memory = new PublishMemory(browserStorage);
const owner = signal<string | undefined>(undefined);

export const publishDraft = signal<PublishFields>(DEFAULT_PUBLISH_FIELDS);
/** Newest first. */
export const published = signal<readonly PublishFields[]>([]);

/** Brings the draft of the connection into the form. */
export function openDraft(profileId: string): void {
  if (owner.value === profileId) return;
  const remembered = memory.recall(profileId);
  owner.value = profileId;
  publishDraft.value = remembered.draft;
  published.value = remembered.published;
}

export function changeDraft(fields: Partial<PublishFields>): void {
  publishDraft.value = { ...publishDraft.value, ...fields };
  if (owner.value !== undefined) memory.saveDraft(owner.value, publishDraft.value);
}

export function rememberPublished(fields: PublishFields): void {
  if (owner.value === undefined) return;
  memory.addPublished(owner.value, fields);
  published.value = memory.recall(owner.value).published;
}

/** With its connection. */
export function forgetDraft(profileId: string): void {
  memory.forget(profileId);
  if (owner.value === profileId) owner.value = undefined;
}
