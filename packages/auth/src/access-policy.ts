/** What access control is made of: a policy, and what it means for one client. */
import type { QoS } from "@tidings/packet";
import type { Principal } from "./auth-hooks.js";

export interface AccessPolicy {
  /** Computed once for each client; the answers below depend on nothing else. */
  accessOf(principal: Principal): Access;
}

/** `undefined` is "no opinion". */
export interface Access {
  publish(topicName: string, qos: QoS, retain: boolean): boolean | undefined;
  receive(topicName: string): boolean | undefined;
  /** The highest QoS that may be granted. `topicFilter` is without `$share/…/`. */
  subscribe(topicFilter: string): QoS | false | undefined;
}
