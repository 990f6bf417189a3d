/** The state behind the page: one connection, what it has seen, and what is on the screen. */
import { batch, computed, signal } from "@preact/signals";
import { Connection } from "../model/connection.js";
import { type ConnectionProfile, createProfile } from "../model/connection-profile.js";
import type { MessageRecord } from "../model/message-record.js";
import { Observatory } from "../model/observatory.js";
import { loadProfiles, saveProfiles } from "../model/profile-store.js";
import { DEFAULT_PUBLISH_FIELDS, type PublishFields } from "../model/publish-fields.js";
import { RequestLog } from "../model/request-log.js";
import { Responders } from "../model/responders.js";
import { RetainedBrowser } from "../model/retained-browser.js";
import { TreeExpansion } from "../model/tree-rows.js";
import { createFrames } from "./frames.js";
import { createNotices } from "./notices.js";
import { openClient } from "./open-client.js";
import { showSection } from "./section.js";

/** What the value pane shows. */
type Selection =
  | { readonly kind: "topic"; readonly topic: string }
  | { readonly kind: "message"; readonly record: MessageRecord; readonly previous: MessageRecord | undefined };

const saved = loadProfiles(localStorage, serverOfPage());

export const profiles = signal<readonly ConnectionProfile[]>(saved.profiles);
export const currentProfileId = signal(saved.currentId);
export const currentProfile = computed(
  () => profiles.value.find(({ id }) => id === currentProfileId.value) ?? profiles.value[0],
);

const frames = createFrames();
const { requestFrame } = frames;
export const { frame, slowFrame, drawNow } = frames;
export const { notices, notify, dismiss } = createNotices();

export const observatory = signal(new Observatory());
export const connection = signal<Connection | undefined>(undefined);
export const screen = signal<"connections" | "workspace">("connections");
export const selection = signal<Selection | undefined>(undefined);
export const publishDraft = signal<PublishFields>(DEFAULT_PUBLISH_FIELDS);

export const treeExpansion = new TreeExpansion();
export const retained = new RetainedBrowser(openClient, requestFrame);
export const requests = new RequestLog(Date.now, requestFrame);
export const responders = new Responders(requestFrame);

/** Opens a connection; what an earlier one has seen is forgotten unless it is the same profile. */
export function connect(profile: ConnectionProfile): void {
  const before = connection.value;
  void before?.close();
  responders.clear();
  if (before?.profile.id !== profile.id) {
    observatory.value = new Observatory();
    selection.value = undefined;
  }
  const next = new Connection(profile, observatory.value, {
    openClient,
    now: Date.now,
    onChange: requestFrame,
    onNotice: notify,
  });
  batch(() => {
    connection.value = next;
    screen.value = "workspace";
    storeProfile(profile);
  });
  next.open();
}

export function disconnect(): void {
  responders.clear();
  void connection.value?.close();
}

/** Adds or replaces the profile, makes it the current one, and saves all. */
export function storeProfile(profile: ConnectionProfile): void {
  const isKnown = profiles.value.some(({ id }) => id === profile.id);
  profiles.value = isKnown
    ? profiles.value.map((other) => (other.id === profile.id ? profile : other))
    : [...profiles.value, profile];
  currentProfileId.value = profile.id;
  save();
}

export function deleteProfile(id: string): void {
  profiles.value = profiles.value.filter((profile) => profile.id !== id);
  if (profiles.value.length === 0) profiles.value = [newProfile()];
  if (!profiles.value.some((profile) => profile.id === currentProfileId.value)) {
    currentProfileId.value = profiles.value[0].id;
  }
  save();
}

export function newProfile(): ConnectionProfile {
  return createProfile(`${Date.now().toString(36)}-${profiles.value.length}`, serverOfPage());
}

/** The Subscriptions of the connection become those of its profile, for the next time. */
export function rememberSubscriptions(): void {
  const current = connection.value;
  if (current === undefined) return;
  const subscriptions = current.subscriptions.map(({ profile }) => profile);
  const profile = profiles.value.find(({ id }) => id === current.profile.id);
  if (profile) storeProfile({ ...profile, subscriptions });
}

export function selectTopic(topic: string): void {
  selection.value = { kind: "topic", topic };
}

export function selectMessage(record: MessageRecord): void {
  selection.value = { kind: "message", record, previous: observatory.value.ring.previousOf(record) };
}

/** On narrow pages the value has a place of its own; moving through a list by keys does not go there. */
export function openValue(next: Selection | undefined = selection.value): void {
  selection.value = next;
  showSection("value");
}

/** Puts a topic, and perhaps a payload, into the publish form. */
export function draftPublish(fields: Partial<PublishFields>): void {
  publishDraft.value = { ...publishDraft.value, ...fields };
  showSection("publish");
}

function save(): void {
  const isSaved = saveProfiles(localStorage, { profiles: [...profiles.value], currentId: currentProfileId.value });
  if (!isSaved) notify("bad", "The browser does not let this page save its connections.");
}

/** The broker app serves page and WebSocket on one port. */
function serverOfPage(): string {
  const { protocol, host } = location;
  if (protocol !== "http:" && protocol !== "https:") return "ws://127.0.0.1:8083/mqtt";
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/mqtt`;
}
