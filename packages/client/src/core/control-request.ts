/** A SUBSCRIBE or UNSUBSCRIBE of the application, until it is answered (MQTT 5.0 sections 3.8 to 3.11). */
import {
  clientPacketLength,
  PacketType,
  type ProtocolVersion,
  type SubackPacket,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubackPacket,
  type UnsubscribePacket,
  type UserProperty,
} from "@tidings/packet";
import { Awaiting } from "@tidings/session";
import { invalid, tooLarge } from "./check-publish.js";
import { checkSubscribeOffered } from "./check-subscribe.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientError } from "./client-error.js";
import type { ClientSession } from "./client-session.js";
import type { ServerInfo } from "./server-info.js";

/** Who waits for the answer. */
export interface RequestCompletion<T> {
  resolve(answer: T): void;
  reject(error: ClientError): void;
}

/** What the two have in common. */
export interface ControlRequest {
  readonly awaiting: Awaiting;
  /** One that the session makes itself after a reconnect; it is made anew on the next one. */
  readonly isRenewal: boolean;
  /** Undefined when the server offers what it needs. */
  check(connection: ClientConnection): ClientError | undefined;
  packet(packetIdentifier: number, version: ProtocolVersion): SubscribePacket | UnsubscribePacket;
  /** It is on its way. */
  sent(session: ClientSession): void;
  /** The answer is of the right kind, with one Reason Code for each Topic Filter. */
  accepts(answer: SubackPacket | UnsubackPacket, isVersion5: boolean): boolean;
  finish(answer: SubackPacket | UnsubackPacket, session: ClientSession): void;
  fail(error: ClientError): void;
}

/** The options of one SUBSCRIBE. */
export interface SubscribeParts {
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly subscriptionIdentifier: number | undefined;
  readonly userProperties: readonly UserProperty[] | undefined;
}

export class SubscribeRequest implements ControlRequest {
  readonly awaiting = Awaiting.Suback;

  readonly #completion: RequestCompletion<SubackPacket>;

  constructor(
    readonly parts: SubscribeParts,
    completion: RequestCompletion<SubackPacket>,
    readonly isRenewal = false,
  ) {
    this.#completion = completion;
  }

  check(connection: ClientConnection): ClientError | undefined {
    const { subscriptions, subscriptionIdentifier } = this.parts;
    const filters = subscriptions.map(({ topicFilter }) => topicFilter);
    const server = connection.server as ServerInfo;
    return (
      checkSubscribeOffered(filters, subscriptionIdentifier, server) ??
      checkSize(this.packet(1, connection.version), connection.version, server)
    );
  }

  packet(packetIdentifier: number, version: ProtocolVersion): SubscribePacket {
    const { subscriptions, subscriptionIdentifier, userProperties } = this.parts;
    const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const packet: SubscribePacket = {
      type: PacketType.SUBSCRIBE,
      packetIdentifier,
      subscriptions: version === 5 ? [...subscriptions] : subscriptions.map((one) => ({ ...one, ...plain })),
    };
    if (version !== 5 || (subscriptionIdentifier === undefined && userProperties === undefined)) return packet;
    packet.properties = {
      subscriptionIdentifiers: subscriptionIdentifier === undefined ? undefined : [subscriptionIdentifier],
      userProperties: userProperties === undefined ? undefined : [...userProperties],
    };
    return packet;
  }

  sent(): void {}

  accepts(answer: SubackPacket | UnsubackPacket): boolean {
    return answer.type === PacketType.SUBACK && answer.reasonCodes.length === this.parts.subscriptions.length;
  }

  finish(answer: SubackPacket, session: ClientSession): void {
    const { subscriptions, subscriptionIdentifier, userProperties } = this.parts;
    for (let index = 0; index < subscriptions.length; index += 1) {
      if (answer.reasonCodes[index] >= 0x80) continue;
      session.subscriptions.put(subscriptions[index], subscriptionIdentifier, userProperties);
    }
    this.#completion.resolve(answer);
  }

  fail(error: ClientError): void {
    this.#completion.reject(error);
  }
}

export class UnsubscribeRequest implements ControlRequest {
  readonly awaiting = Awaiting.Unsuback;
  readonly isRenewal = false;

  readonly #completion: RequestCompletion<UnsubackPacket>;

  constructor(
    readonly topicFilters: readonly string[],
    readonly userProperties: readonly UserProperty[] | undefined,
    completion: RequestCompletion<UnsubackPacket>,
  ) {
    this.#completion = completion;
  }

  check(connection: ClientConnection): ClientError | undefined {
    return checkSize(this.packet(1, connection.version), connection.version, connection.server as ServerInfo);
  }

  packet(packetIdentifier: number, version: ProtocolVersion): UnsubscribePacket {
    const packet: UnsubscribePacket = {
      type: PacketType.UNSUBSCRIBE,
      packetIdentifier,
      topicFilters: [...this.topicFilters],
    };
    if (version === 5 && this.userProperties !== undefined) {
      packet.properties = { userProperties: [...this.userProperties] };
    }
    return packet;
  }

  /** From now on a reconnect does not bring them back. */
  sent(session: ClientSession): void {
    for (const topicFilter of this.topicFilters) session.subscriptions.remove(topicFilter);
  }

  accepts(answer: SubackPacket | UnsubackPacket, isVersion5: boolean): boolean {
    if (answer.type !== PacketType.UNSUBACK) return false;
    return !isVersion5 || answer.reasonCodes.length === this.topicFilters.length;
  }

  finish(answer: UnsubackPacket): void {
    this.#completion.resolve(answer);
  }

  fail(error: ClientError): void {
    this.#completion.reject(error);
  }
}

function checkSize(
  packet: SubscribePacket | UnsubscribePacket,
  version: ProtocolVersion,
  { maximumPacketSize }: ServerInfo,
): ClientError | undefined {
  try {
    const size = clientPacketLength(packet, version);
    return size <= maximumPacketSize ? undefined : tooLarge("The request", size, maximumPacketSize);
  } catch (error) {
    return invalid((error as Error).message, error);
  }
}
