/**
 * A mosquitto.conf (2.1) as a tidings.yaml. What has no counterpart is named, with the reason; what would make the result
 * more open than the original is written so that `check` refuses it until somebody decides.
 */
import { stringify } from "yaml";
import { type DraftListener, finishListener, newListener } from "./draft-listener.js";
import { GENERAL_OPTIONS } from "./general-options.js";
import { LISTENER_OPTIONS } from "./listener-options.js";
import type { MosquittoLine } from "./mosquitto-lines.js";
import { NOT_TAKEN_OVER } from "./not-taken-over.js";

export interface Translation {
  readonly yaml: string;
  /** What was not taken over, a line each. */
  readonly notes: readonly string[];
}

/** What is known so far. Sections as they will be written. */
export interface Draft {
  readonly limits: Record<string, unknown>;
  readonly features: Record<string, unknown>;
  readonly storage: Record<string, unknown>;
  readonly log: Record<string, unknown>;
  readonly listeners: DraftListener[];
  readonly authentication: Record<string, unknown>;
  readonly access: Record<string, unknown>;
  allowAnonymous: boolean | undefined;
  perListener: boolean;
  noDelay: boolean | undefined;
  readonly notes: string[];
}

export function translateMosquitto(lines: readonly MosquittoLine[]): Translation {
  const draft: Draft = {
    limits: {},
    features: {},
    storage: {},
    log: {},
    listeners: [],
    authentication: {},
    access: {},
    allowAnonymous: undefined,
    perListener: lines.some(({ name, value }) => name === "per_listener_settings" && value === "true"),
    noDelay: undefined,
    notes: [],
  };
  let isInBridge = false;
  for (const line of lines) {
    if (line.name === "connection") {
      isInBridge = true;
      draft.notes.push(`${line.place}: the bridge "${line.value}" was not taken over: this broker has no bridges yet.`);
    } else if (line.name === "listener") {
      isInBridge = false;
      draft.listeners.push(newListener(line, draft.listeners.length));
    } else if (!isInBridge) translateLine(draft, line);
  }
  return { yaml: write(draft), notes: draft.notes };
}

function translateLine(draft: Draft, line: MosquittoLine): void {
  const { name, place, value } = line;
  const note = (text: string): void => void draft.notes.push(`${place}: ${name} ${text}`);
  const general = GENERAL_OPTIONS[name];
  const ofListener = LISTENER_OPTIONS[name];
  const reason = NOT_TAKEN_OVER[name] ?? (name.startsWith("plugin") ? NOT_TAKEN_OVER["plugin"] : undefined);
  if (general !== undefined) general(draft, value, note);
  else if (ofListener !== undefined) ofListener(currentListener(draft, place), value, note);
  else if (reason !== undefined) note(reason);
  else note("is unknown and was not taken over.");
}

/** Without a `listener` before it, an option is about the one that `port` opens, or that is there by itself. */
export function currentListener(draft: Draft, place: string): DraftListener {
  const last = draft.listeners.at(-1);
  if (last !== undefined) return last;
  const first = newListener({ place, name: "listener", value: "1883" }, 0);
  draft.listeners.push(first);
  return first;
}

function write(draft: Draft): string {
  const { authentication, access, limits, features, storage, log, listeners, notes } = draft;
  const sections = {
    listeners: listeners.length === 0 ? undefined : listeners.map((listener) => finishListener(listener, draft)),
    authentication,
    access,
    limits,
    features,
    storage,
    log,
  };
  const written = Object.fromEntries(
    Object.entries(sections).filter(([, section]) => section !== undefined && Object.keys(section).length > 0),
  );
  const head = notes.map((note) => `# ${note}\n`).join("");
  return `# Translated from a configuration of mosquitto.\n${head}${stringify(written)}`;
}
