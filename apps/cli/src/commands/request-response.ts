/** Does what `rr` is asked to do: subscribe to the response topic, publish the request, show the first answer. */
import type { Message } from "@tidings/client";
import type { Properties, QoS } from "@tidings/packet";
import type { ConnectionSettings } from "../connection/connection-settings.js";
import { ExitCode } from "../exit-code.js";
import { currentMoment } from "../output/moment.js";
import type { ReceivedMessage } from "../output/received-message.js";
import { readMessage } from "../payload/read-message-source.js";
import type { Terminal } from "../terminal.js";
import type { CommandTrace, SentMessage } from "./command-trace.js";
import { connected } from "./connected.js";
import type { MessageSource } from "./publish-request.js";

export interface ResponseRequest {
  readonly connection: ConnectionSettings;
  readonly topic: string;
  readonly responseTopic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
  readonly subscribeProperties: Properties;
  readonly source: MessageSource;
  readonly skipRetained: boolean;
  readonly timeoutSeconds?: number;
}

export interface ResponseHooks {
  readonly trace: CommandTrace;
  readonly show: (message: ReceivedMessage) => Promise<void>;
  readonly onTimeout: () => void;
  readonly encode?: (bytes: Uint8Array) => Uint8Array;
}

export async function requestResponse(
  request: ResponseRequest,
  terminal: Terminal,
  hooks: ResponseHooks,
): Promise<void> {
  const { connection, topic, responseTopic, qos, retain, source, timeoutSeconds } = request;
  const { trace } = hooks;
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          hooks.onTimeout();
          terminal.end(ExitCode.TimedOut);
        }, timeoutSeconds * 1000);
  try {
    if (source.kind === "lines") throw new TypeError("A request is one message.");
    const read = await readMessage(source, terminal.input);
    const payload = hooks.encode?.(read) ?? read;
    await connected(connection, terminal, trace, async (client) => {
      const isV5 = (client.server?.protocolVersion ?? 5) === 5;
      const answer = new FirstMessage(request, trace);
      trace.subscribing(1, [responseTopic], qos, 0);
      await client.subscribe(responseTopic, {
        qos,
        properties: {
          subscriptionIdentifier: request.subscribeProperties.subscriptionIdentifiers?.[0],
          userProperties: request.subscribeProperties.userProperties,
        },
        handler: (message) => answer.take(message),
      });
      const properties = isV5 ? { ...request.properties, responseTopic } : {};
      const message: SentMessage = { topic, qos, retain, payload, properties };
      trace.publishing(2, message);
      const { reasonCode } = await client.publish(topic, payload, { qos, retain, properties });
      trace.published(2, message, reasonCode);
      await hooks.show(await answer.arrived);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The first message that answers: with our correlation data, if we sent any. */
class FirstMessage {
  readonly arrived: Promise<ReceivedMessage>;
  private arrive: (message: ReceivedMessage) => void = () => {};

  constructor(
    private readonly request: ResponseRequest,
    private readonly trace: CommandTrace,
  ) {
    this.arrived = new Promise((resolve) => {
      this.arrive = resolve;
    });
  }

  take(message: Message): void {
    this.trace.received(message);
    const { topic, payload, qos, retain, properties } = message;
    if (retain && this.request.skipRetained) return;
    const wanted = this.request.properties.correlationData;
    const got = properties.correlationData;
    if (wanted !== undefined && got !== undefined && Buffer.compare(wanted, got) !== 0) return;
    const packetIdentifier = qos === 0 ? undefined : message.packetIdentifier;
    this.arrive({ topic, payload, qos, retain, properties, packetIdentifier, receivedAt: currentMoment() });
  }
}
