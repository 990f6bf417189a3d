/** What the tests want of a client, whoever wrote it. */
import { describe, test } from "vitest";
import type { Journal } from "../journal.js";
import type { RunningBroker } from "../start-broker.js";

/** As the Protocol Level: 3 is 3.1, 4 is 3.1.1. */
export type Version = 3 | 4 | 5;
export type QoS = 0 | 1 | 2;

export const VERSIONS: readonly { readonly version: Version; readonly title: string }[] = [
  { version: 3, title: "MQTT 3.1" },
  { version: 4, title: "MQTT 3.1.1" },
  { version: 5, title: "MQTT 5.0" },
];

/** The properties of a PUBLISH that go through to the other side. 5.0 only. */
export interface MessageProperties {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  /** Text here: the command line of mosquitto takes no bytes. */
  correlationData?: string;
  /** No spaces in them: mosquitto prints them side by side. */
  userProperties?: [string, string][];
  /** Received only. */
  subscriptionIdentifiers?: number[];
}

export interface Message {
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
  properties?: MessageProperties;
}

export interface SubscriptionWish {
  filter: string;
  qos: QoS;
  subscriptionIdentifier?: number;
}

export interface OpenOptions {
  version: Version;
  clientId: string;
  /** Default true. */
  clean?: boolean;
  /** Seconds; with `clean: false`, 5.0 clients ask for this much. */
  sessionExpiryInterval?: number;
  /** Seconds. */
  keepAlive?: number;
  will?: Message;
  subscriptions?: readonly SubscriptionWish[];
}

export interface TestClient {
  readonly inbox: Journal<Message>;
  /** As CONNACK said; undefined where the client does not tell. */
  readonly sessionPresent: boolean | undefined;
  /** Resolves when the delivery is complete. */
  publish(message: Message): Promise<void>;
  /** With DISCONNECT. */
  close(): Promise<void>;
  /** Without a word: the connection breaks. */
  kill(): Promise<void>;
}

export interface ClientKind {
  readonly name: string;
  /** A short name for Client Identifiers. */
  readonly id: string;
  /** What to install; undefined: all is there. */
  readonly missing: string | undefined;
  /** Its `close` is a DISCONNECT 0x04, which asks for the will. */
  wantsWillAtGoodbye?(version: Version): boolean;
  /** Connects, subscribes, and resolves when both are acknowledged. */
  open(broker: RunningBroker, options: OpenOptions): Promise<TestClient>;
}

/** `describe` for a client that may not be installed: skipped then, but an error where everything has to be there. */
export function describeClient(kind: ClientKind, body: () => void): void {
  if (kind.missing === undefined) describe(kind.name, body);
  else if (process.env.CI !== "true") describe.skip(`${kind.name} (skipped: ${kind.missing})`, body);
  else test(`${kind.name} is installed`, () => expectInstalled(kind));
}

function expectInstalled({ name, missing }: ClientKind): void {
  throw new Error(`${name}: ${missing}`);
}
