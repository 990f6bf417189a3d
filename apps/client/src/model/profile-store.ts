/** Saved connections in the browser's local storage. Passwords are left out unless their owner wants them kept. */
import { type ConnectionProfile, createProfile } from "./connection-profile.js";
import { createSubscription } from "./subscription-profile.js";

export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

interface SavedProfiles {
  readonly profiles: ConnectionProfile[];
  /** The one used last. */
  readonly currentId: string;
}

const KEY = "tidings.connections.1";

/** What cannot be read is left out; at least one profile, for `url`, is always there. */
export function loadProfiles(storage: KeyValueStorage, url: string): SavedProfiles {
  const saved = parse(readItem(storage));
  const profiles = (Array.isArray(saved?.profiles) ? saved.profiles : []).filter(isProfileLike).map(complete);
  if (profiles.length === 0) {
    const first = createProfile("first", url, "This server");
    first.subscriptions.push(createSubscription("#", 0));
    profiles.push(first);
  }
  const wanted = saved?.currentId;
  const current = profiles.find(({ id }) => id === wanted) ?? profiles[0];
  return { profiles, currentId: current.id };
}

/** False: the browser refuses to store. */
export function saveProfiles(storage: KeyValueStorage, { profiles, currentId }: SavedProfiles): boolean {
  const kept = profiles.map((profile) => (profile.savePassword ? profile : { ...profile, password: "" }));
  try {
    storage.setItem(KEY, JSON.stringify({ profiles: kept, currentId }));
    return true;
  } catch {
    return false;
  }
}

function readItem(storage: KeyValueStorage): string {
  try {
    return storage.getItem(KEY) ?? "null";
  } catch {
    return "null"; // storage is switched off
  }
}

function parse(text: string): { profiles?: unknown; currentId?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isProfileLike(value: unknown): value is Partial<ConnectionProfile> & Pick<ConnectionProfile, "id" | "url"> {
  const { id, url } = (value ?? {}) as Partial<ConnectionProfile>;
  return typeof id === "string" && typeof url === "string";
}

/** Fields that came with a later version of the page get their defaults; those of the wrong type as well. */
function complete(saved: Partial<ConnectionProfile> & Pick<ConnectionProfile, "id" | "url">): ConnectionProfile {
  const fresh = createProfile(saved.id, saved.url);
  const subscriptions = Array.isArray(saved.subscriptions) ? saved.subscriptions : [];
  return {
    ...takeKnown(fresh, saved),
    will: takeKnown(fresh.will, saved.will ?? {}),
    subscriptions: subscriptions
      .filter((entry) => typeof entry?.filter === "string")
      .map((entry) => takeKnown(createSubscription(entry.filter, 0), entry)),
  };
}

function takeKnown<T extends object>(fresh: T, saved: Partial<T>): T {
  const known = Object.entries(saved).filter(([name, value]) => {
    const expected = fresh[name as keyof T];
    if (!(name in fresh)) return false;
    // Fields without a default are optional numbers.
    return typeof value === (expected === undefined ? "number" : typeof expected);
  });
  return { ...fresh, ...Object.fromEntries(known) };
}
