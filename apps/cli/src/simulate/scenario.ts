/** What `simulate` plays: built-in scenarios, or a module of the user's. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { QoS } from "@tidings/packet";
import { Failure } from "../failure.js";
import { BUILT_IN_SCENARIOS } from "./built-in-scenarios.js";

/** A message that a scenario wants published. A payload that is no text and no bytes becomes JSON. */
export interface SimulatedMessage {
  readonly topic?: string;
  readonly payload: unknown;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: Record<string, unknown>;
}

/** What a scenario knows of the one that plays it. */
export interface SimulatedDevice {
  /** From 0. */
  readonly index: number;
  readonly clientIdentifier: string;
  /** How many messages it has made, from 0. */
  readonly sequence: number;
  readonly now: Date;
  /** From 0 to 1; the same ones with the same `--seed`. */
  readonly random: () => number;
  /** For the scenario's own use, kept from message to message. */
  readonly state: Record<string, unknown>;
}

/** `undefined`: nothing this time. An array: several messages. */
type Generator = (
  device: SimulatedDevice,
) => SimulatedMessage | SimulatedMessage[] | undefined | Promise<SimulatedMessage | SimulatedMessage[] | undefined>;

export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Where messages without a topic go; `%c` is the Client Identifier, `%i` the number, `%s` the scenario. */
  readonly topic?: string;
  readonly generate: Generator;
}

export function builtInScenario(name: string): Scenario {
  const scenario = BUILT_IN_SCENARIOS.find((entry) => entry.name === name);
  if (scenario !== undefined) return scenario;
  throw new Failure(
    `There is no scenario "${name}". There are ${BUILT_IN_SCENARIOS.map((entry) => entry.name).join(", ")}.`,
    2,
  );
}

/** A module whose default export is a generator, or an object with `generate` and perhaps `name` and `topic`. */
export async function loadScenario(path: string): Promise<Scenario> {
  const url = pathToFileURL(resolve(path)).href;
  let loaded: { default?: unknown; generate?: unknown };
  try {
    loaded = await import(url);
  } catch (error) {
    throw new Failure(`Cannot load the scenario ${path}: ${(error as Error).message.split("\n")[0]}.`);
  }
  // What a CommonJS module exports is its default.
  const exported = (loaded.default ?? loaded) as Partial<Scenario> | Generator;
  const scenario: Partial<Scenario> = typeof exported === "function" ? { generate: exported } : exported;
  if (typeof scenario.generate !== "function") {
    throw new Failure(`${path} exports no scenario. Export a function that returns { topic, payload }.`);
  }
  return { name: "script", description: path, ...scenario, generate: scenario.generate };
}
