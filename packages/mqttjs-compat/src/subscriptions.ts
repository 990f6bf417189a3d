/** What the program subscribes to: one SUBSCRIBE for each filter, so that a refused one takes no other with it. */
import type { Client, ClientError, Subscription } from "@tidings/client";
import type { IClientSubscribeOptions, ISubscriptionGrant, ISubscriptionMap } from "./client-options.js";
import type { ClientSlot } from "./client-slot.js";
import { versionOf } from "./connect-options.js";
import { ErrorWithSubackPacket, shownError } from "./errors.js";
import type { ClientSubscribeCallback, PacketCallback } from "./events.js";
import type { MqttClient } from "./mqtt-client.js";
import type { ISubackPacket } from "./packets.js";
import { userProperties } from "./properties.js";
import { ReasonCodes } from "./reason-codes.js";
import { later, refuses, surfacing } from "./surface.js";
import { validateTopics } from "./validate-topics.js";

/** A subscription as it was asked for. */
interface Subscribed {
  readonly options: IClientSubscribeOptions;
  /** Of the client in use; undefined while it is being made. */
  subscription: Subscription | undefined;
}

/** What the server granted, and why not. */
interface Granted {
  readonly grant: ISubscriptionGrant;
  readonly error?: ClientError;
}

/** From here on a Reason Code is a refusal. */
const REFUSED = 0x80;

export class Subscriptions {
  readonly #subscribed = new Map<string, Subscribed>();
  readonly #mqttClient: MqttClient;
  readonly #slot: ClientSlot;

  constructor(mqttClient: MqttClient, slot: ClientSlot) {
    this.#mqttClient = mqttClient;
    this.#slot = slot;
  }

  subscribe(
    topics: string | string[] | ISubscriptionMap,
    options: IClientSubscribeOptions,
    callback: ClientSubscribeCallback | undefined,
  ): void {
    const wanted = subscriptionsOf(topics, options);
    const invalid = validateTopics([...wanted.keys()]);
    if (invalid !== null) {
      later(() => callback?.(new Error(`Invalid topic ${invalid}`)));
      return;
    }
    if (refuses(this.#mqttClient, callback)) return;
    const isAgain = typeof topics === "object" && !Array.isArray(topics) && topics.resubscribe === true;
    const isForced = isAgain || this.#mqttClient.options.resubscribe === false;
    const filters = [...wanted].filter(([filter, { qos = 0 }]) => {
      const known = this.#subscribed.get(filter);
      return isForced || known === undefined || (known.options.qos ?? 0) < qos;
    });
    if (filters.length === 0) {
      later(() => callback?.(null, []));
      return;
    }
    const subscribing = filters.map(([filter, subscribeOptions]) => {
      const { subscription } = this.#subscribed.get(filter) ?? {};
      const subscribed: Subscribed = { options: subscribeOptions, subscription };
      this.#subscribed.set(filter, subscribed);
      return [filter, subscribed] as const;
    });
    const finish = (answers: readonly Granted[]): void => {
      if (callback === undefined) return;
      const granted = answers.map(({ grant }) => grant);
      const packet: ISubackPacket = { cmd: "suback", granted: granted.map(({ qos }) => qos) };
      const failed = answers.find(({ error }) => error !== undefined)?.error;
      surfacing(() => callback(failed === undefined ? null : subscribeError(failed, packet), granted, packet));
    };
    this.#slot.ask(
      (client) => {
        Promise.all(subscribing.map(([filter, subscribed]) => this.#grantOf(client, filter, subscribed))).then(finish);
      },
      (error) => finish(subscribing.map(([filter, subscribed]) => this.#refused(filter, subscribed, error))),
    );
  }

  unsubscribe(topics: string | string[], callback: PacketCallback | undefined): void {
    const filters = typeof topics === "string" ? [topics] : [...topics];
    const invalid = validateTopics(filters);
    if (invalid !== null) {
      later(() => callback?.(new Error(`Invalid topic ${invalid}`)));
      return;
    }
    if (refuses(this.#mqttClient, callback)) return;
    for (const filter of filters) this.#subscribed.delete(filter);
    const fail = (cause: Error): void => surfacing(() => callback?.(shownError(cause)));
    this.#slot.ask((client) => {
      client.unsubscribe(filters).then(() => surfacing(() => callback?.(null, { cmd: "unsuback" })), fail);
    }, fail);
  }

  /** A client was made: it subscribes to what the one before it had. */
  renew(client: Client): void {
    if (this.#mqttClient.options.resubscribe === false) this.#subscribed.clear();
    for (const [filter, subscribed] of this.#subscribed) {
      subscribed.subscription = undefined;
      this.#subscribe(client, filter, subscribed).catch(() => this.#subscribed.delete(filter));
    }
  }

  async #grantOf(client: Client, filter: string, subscribed: Subscribed): Promise<Granted> {
    try {
      const qos = await this.#subscribe(client, filter, subscribed);
      return { grant: this.#grant(filter, subscribed, qos) };
    } catch (cause) {
      return this.#refused(filter, subscribed, cause as ClientError);
    }
  }

  #refused(filter: string, subscribed: Subscribed, error: ClientError): Granted {
    if (this.#subscribed.get(filter) === subscribed) this.#subscribed.delete(filter);
    return { grant: this.#grant(filter, subscribed, error.reasonCode ?? REFUSED), error };
  }

  #grant(topic: string, { options: { nl, rap, rh } }: Subscribed, qos: number): ISubscriptionGrant {
    return versionOf(this.#mqttClient.options) === 5 ? { topic, qos, nl, rap, rh } : { topic, qos };
  }

  /** Answers with the QoS granted. */
  async #subscribe(client: Client, filter: string, subscribed: Subscribed): Promise<number> {
    const { qos = 0, nl, rap, rh, properties } = subscribed.options;
    const subscription = await client.subscribe(filter, {
      qos,
      noLocal: nl ?? false,
      retainAsPublished: rap ?? false,
      retainHandling: (rh ?? 0) as 0 | 1 | 2,
      properties: properties && {
        subscriptionIdentifier: properties.subscriptionIdentifier,
        userProperties: userProperties(properties.userProperties),
      },
      detached: true,
    });
    // The one before it has the same filter: it is forgotten here, and the server is not asked.
    subscribed.subscription?.unsubscribe().catch(() => {});
    subscribed.subscription = subscription;
    return subscription.granted.get(filter) ?? 0;
  }
}

function subscriptionsOf(
  topics: string | string[] | ISubscriptionMap,
  options: IClientSubscribeOptions,
): Map<string, IClientSubscribeOptions> {
  if (typeof topics === "string" || Array.isArray(topics)) {
    const all = { nl: false, rap: false, rh: 0, ...options };
    return new Map([topics].flat().map((topic) => [topic, all]));
  }
  const { resubscribe: _, ...map } = topics as Record<string, IClientSubscribeOptions>;
  return new Map(
    Object.entries(map).map(([topic, own]) => [topic, { ...own, properties: own.properties ?? options.properties }]),
  );
}

function subscribeError(cause: ClientError, packet: ISubackPacket): Error {
  const { code, reasonCode = REFUSED } = cause;
  if (code !== "TIDINGS_CLIENT_SUBSCRIBE_REFUSED") return shownError(cause);
  return new ErrorWithSubackPacket(`Subscribe error: ${ReasonCodes[reasonCode] ?? reasonCode}`, packet, { cause });
}
