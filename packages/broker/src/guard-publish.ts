/**
 * A PUBLISH on its way through the hooks: may it, and does anybody want to change, refuse or hold it. One object per
 * message; a promise only where a hook makes one.
 */
import { encodePacket, PacketType, type QoS, ReasonCode } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import { acceptPublish, refusePublish } from "./handle-publish.js";
import type { PublishHook } from "./hook-chain.js";
import type { IncomingPublish, MaybePromise, PublishChange } from "./hooks.js";
import { isPromise } from "./is-promise.js";
import type { HeldAcknowledgement } from "./pending-acknowledgements.js";

/** Asks the hooks about a client's PUBLISH and goes on with what they say, at once or later. */
export function guardPublish(connection: Connection, message: ApplicationMessage, packetIdentifier: number): void {
  const inspection = new PublishInspection(connection.broker, connection, message, false, packetIdentifier);
  const answer = inspection.ask(connection.broker.hooks.incomingPublish);
  if (isPromise(answer)) connection.settle(answer, (reasonCode) => inspection.conclude(connection, reasonCode));
  else inspection.conclude(connection, answer);
}

export class PublishInspection implements IncomingPublish {
  private held: HeldAcknowledgement | undefined = undefined;
  private readonly qos: QoS;

  constructor(
    private readonly broker: Broker,
    readonly client: Connection | undefined,
    /** As the hooks asked so far left it. */
    public message: ApplicationMessage,
    readonly will: boolean,
    private readonly packetIdentifier: number,
  ) {
    this.qos = message.qos;
  }

  holdAcknowledgement(): (reasonCode?: ReasonCode) => void {
    if (this.client === undefined || this.will || this.qos === 0) return () => {};
    const type = this.qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
    this.held ??= this.client.holdAcknowledgement(type, this.packetIdentifier);
    return this.held.release;
  }

  /** The first refusal of `hooks`, from the one at `index` on; or 0x00. */
  ask(hooks: readonly PublishHook[], index = 0): MaybePromise<ReasonCode> {
    for (let i = index; i < hooks.length; i++) {
      try {
        const answer = hooks[i](this);
        if (isPromise(answer)) {
          // The reader's bytes do not outlive this call.
          this.message.own();
          return answer
            .then((settled) => (this.refuses(settled) ? (settled as ReasonCode) : this.ask(hooks, i + 1)))
            .catch((error) => this.failed(error));
        }
        if (this.refuses(answer)) return answer as ReasonCode;
      } catch (error) {
        return this.failed(error);
      }
    }
    return ReasonCode.Success;
  }

  conclude(connection: Connection, reasonCode: ReasonCode): void {
    // A hook has thrown its client out: what was not acknowledged comes again, on another connection.
    if (!connection.isConnected) return;
    const { broker, held, message, packetIdentifier, qos } = this;
    if (reasonCode >= 0x80) refusePublish(connection, qos, packetIdentifier, message, reasonCode, held?.release);
    else acceptPublish(connection, message, broker.routeOf(message), qos, packetIdentifier, held !== undefined);
    held?.told();
  }

  /** True for a refusal; takes a change over. Throws for a change that no PUBLISH can carry. */
  private refuses(answer: ReasonCode | PublishChange | undefined): boolean {
    if (typeof answer === "number") return answer >= 0x80;
    if (answer !== undefined) {
      const before = this.message;
      this.message = changed(this.broker, before, answer);
      this.broker.tracer?.changed(before, this.message);
    }
    return false;
  }

  private failed(error: unknown): ReasonCode {
    this.broker.observer?.failure?.(this.client, error);
    return ReasonCode.UnspecifiedError;
  }
}

/**
 * The same message with some things replaced, encoded anew so that everything behind treats it like any other. A Message
 * Expiry Interval of its own begins now, the publisher's goes on.
 */
function changed(broker: Broker, message: ApplicationMessage, change: PublishChange): ApplicationMessage {
  const qos = change.qos ?? message.qos;
  const packet = encodePacket(
    {
      type: PacketType.PUBLISH,
      dup: false,
      qos,
      retain: change.retain ?? message.retain,
      topicName: change.topicName ?? message.topicName,
      packetIdentifier: qos === 0 ? undefined : 1,
      payload: change.payload ?? message.payload,
      properties: change.properties ?? message.properties,
    },
    5,
  );
  const expiresAtMs = change.properties === undefined ? message.expiresAtMs : undefined;
  return broker.readMessage(packet, message.publisherIdentifier, expiresAtMs);
}
