/** What the broker core is told of a listener. The object is changed in place when the configuration is read again. */
import type { ListenerFacts } from "@tidings/broker";
import type { ListenerConfiguration } from "../config/listener-schema.js";

const VERSIONS = { "3.1": 3, "3.1.1": 4, "5.0": 5, "5": 5 } as const;

export type ChangeableFacts = { -readonly [K in keyof ListenerFacts]: ListenerFacts[K] };

export function listenerFacts(listener: ListenerConfiguration): ChangeableFacts {
  const { name, protocolVersions, mountPoint, maximumQoS, limits } = listener;
  return {
    name,
    protocolVersions: protocolVersions?.map((version) => VERSIONS[`${version}` as keyof typeof VERSIONS]),
    mountPoint,
    maximumQoS,
    limits: limits === undefined ? undefined : definedOnly(limits),
  };
}

/** A limit that is not there must not hide the broker's. */
function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
