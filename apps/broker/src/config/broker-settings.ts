/** What of a configuration goes to the broker core, and what goes elsewhere, with the defaults that are not the core's. */

import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { BROKER_LIMITS_DEFAULT, type BrokerLimits, type BrokerOptions, type ChangeableLimits } from "@tidings/broker";
import { defaultDataDirectory } from "../default-data-directory.js";
import type { LoadedConfiguration } from "./load-configuration.js";
import type { Configuration, DURABILITIES } from "./schema.js";

type Durability = (typeof DURABILITIES)[number];

export interface StorageSettings {
  /** Absolute. Undefined: in memory. */
  readonly directory: string | undefined;
  readonly durability: Durability;
}

export function storageSettings({ configuration, directory }: LoadedConfiguration): StorageSettings {
  const { storage = {} } = configuration;
  const given = storage.directory === undefined ? defaultDataDirectory() : resolve(directory, storage.directory);
  return { directory: storage.memory === true ? undefined : given, durability: storage.durability ?? "fsync" };
}

/** Hooks, observer and store are the caller's. */
export function coreOptions({ limits, features }: Configuration): BrokerOptions {
  return { ...limits, ...features } as BrokerOptions;
}

/** All of them, so that one that is no longer written gets its default back. */
export function changeableLimits({ limits }: Configuration): ChangeableLimits {
  const {
    topicLevelsMax: _t,
    cachedRoutesMax: _c,
    ...changeable
  } = { ...BROKER_LIMITS_DEFAULT, ...defined(limits ?? {}) };
  return changeable;
}

/** What differs between the two and is read at start only, by path. */
export function needingRestart(before: Configuration, after: Configuration): string[] {
  const parts: [string, (configuration: Configuration) => unknown][] = [
    ["storage", ({ storage }) => storage ?? {}],
    ["protection.bansMax", ({ protection }) => protection?.bansMax],
    ["admin", ({ admin }) => admin],
    ["metrics", ({ metrics }) => metrics ?? {}],
    ["features", ({ features }) => features ?? {}],
    ["log.format", ({ log }) => log?.format],
    ["limits.topicLevelsMax", ({ limits }) => limits?.topicLevelsMax],
    ["limits.cachedRoutesMax", ({ limits }) => limits?.cachedRoutesMax],
  ];
  return parts.filter(([, part]) => !isDeepStrictEqual(part(before), part(after))).map(([path]) => path);
}

function defined(limits: object): Partial<BrokerLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
