/** Does what `sub` is asked to do, in either dialect: which messages count, which are shown, and when it is over. */
import type { Client, Message, Subscription } from "@tidings/client";
import { matches } from "@tidings/topic";
import type { CodedError } from "../connection/client-failure.js";
import { ExitCode } from "../exit-code.js";
import { currentMoment } from "../output/moment.js";
import type { ReceivedMessage } from "../output/received-message.js";
import type { Terminal } from "../terminal.js";
import type { CommandTrace } from "./command-trace.js";
import { connected } from "./connected.js";
import type { SubscribeRequest } from "./subscribe-request.js";

export interface SubscribeHooks {
  readonly trace: CommandTrace;
  /** Shows a message; the next one waits. */
  readonly show: (message: ReceivedMessage) => Promise<void>;
  /** `-W` ran out. */
  readonly onTimeout: () => void;
  /** The server refused a filter, or with `isAll` everything. May throw to end it all. */
  readonly onRefused: (error: unknown, isAll: boolean) => void;
}

export async function subscribe(request: SubscribeRequest, terminal: Terminal, hooks: SubscribeHooks): Promise<void> {
  const { connection, timeoutSeconds } = request;
  // The time runs from the start, so that it also ends an attempt to connect.
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          hooks.onTimeout();
          terminal.end(ExitCode.TimedOut);
        }, timeoutSeconds * 1000);
  try {
    const reader = new MessageReader(request, terminal, hooks);
    // Messages of a resumed session belong to no subscription of this process.
    const onMessage = (message: Message) => reader.take(message);
    await connected(connection, terminal, hooks.trace, (client) => receive(client, request, reader, hooks), {
      onMessage,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function receive(
  client: Client,
  request: SubscribeRequest,
  reader: MessageReader,
  { trace, onRefused }: SubscribeHooks,
): Promise<void> {
  const { topicFilters, unsubscribeFilters, qos, noLocal, retainAsPublished, retainHandling, properties } = request;
  reader.client = client;
  let number = 0;
  const options = (noLocal ? 4 : 0) + (retainAsPublished ? 8 : 0) + retainHandling * 16;
  trace.subscribing(++number, topicFilters, qos, options);
  const subscribeTo = (filters: readonly string[]): Promise<Subscription> =>
    client.subscribe(filters, {
      ...{ qos, noLocal, retainAsPublished, retainHandling },
      properties: {
        subscriptionIdentifier: properties.subscriptionIdentifiers?.[0],
        userProperties: properties.userProperties,
      },
      handler: (message) => reader.take(message),
      whenFull: "pause",
    });
  const answers = grantedCodes(topicFilters, subscribeTo, onRefused);
  // Not after the answer: both are on their way at once.
  let unsubscribed: Promise<void> | undefined;
  if (unsubscribeFilters.length > 0) {
    trace.unsubscribing(++number, unsubscribeFilters);
    unsubscribed = client.unsubscribe(unsubscribeFilters);
    unsubscribed.catch(() => {}); // awaited below
  }
  const granted = await answers;
  trace.subscribed(1, granted);
  if (unsubscribed !== undefined) {
    await unsubscribed;
    trace.unsubscribed(number);
  }
  if (!request.exitAfterSubscribe && granted.some((code) => code < 0x80)) await reader.finished;
}

/** A refusal of one filter undoes them all, so the others are asked for again, each by itself. */
async function grantedCodes(
  filters: readonly string[],
  subscribeTo: (filters: readonly string[]) => Promise<Subscription>,
  onRefused: SubscribeHooks["onRefused"],
): Promise<number[]> {
  try {
    const { granted } = await subscribeTo(filters);
    return filters.map((filter) => granted.get(filter) ?? 0);
  } catch (error) {
    onRefused(error, filters.length === 1);
    if (filters.length === 1) return [(error as CodedError).reasonCode ?? 0x80];
    const codes = await Promise.all(filters.map((filter) => grantedCodes([filter], subscribeTo, () => {})));
    if (codes.every(([code]) => code >= 0x80)) onRefused(error, true);
    return codes.flat();
  }
}

/** One message after the other, whatever they belong to. */
class MessageReader {
  client: Client | undefined;
  readonly finished: Promise<void>;
  private finish: () => void = () => {};
  private fail: (error: unknown) => void = () => {};
  private isFinished = false;
  private shown = 0;
  private last: Promise<void> = Promise.resolve();
  private lastMessage: Message | undefined;

  constructor(
    private readonly request: SubscribeRequest,
    private readonly terminal: Terminal,
    private readonly hooks: SubscribeHooks,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.finished.catch(() => {}); // nobody may wait for it yet
  }

  /** Resolves when it is shown: until then the client holds back the acknowledgement and what follows. */
  take(message: Message): Promise<void> {
    // With overlapping filters that were asked for one by one, a message belongs to several.
    if (message === this.lastMessage) return this.last;
    this.lastMessage = message;
    this.last = this.last.then(() => this.handle(message)).catch(this.fail);
    return this.last;
  }

  private async handle(message: Message): Promise<void> {
    const { request, hooks } = this;
    if (this.isFinished || this.terminal.stop.aborted) return;
    const { topic, payload, retain } = message;
    hooks.trace.received(message);
    if (request.retainedOnly && !retain) return this.end();
    if (request.filtersOut.some((filter) => matches(filter, topic))) return;
    if (request.removeRetained && retain) this.removeRetained(topic);
    if (request.skipRetained && retain) return;
    if (request.randomFilterPercent < 100 && Math.random() * 100 >= request.randomFilterPercent) return;
    this.shown += 1;
    await hooks.show({
      ...{ topic, payload, retain, qos: message.qos, properties: message.properties },
      packetIdentifier: message.qos === 0 ? undefined : message.packetIdentifier,
      receivedAt: currentMoment(),
    });
    if (this.shown === request.count) this.end();
  }

  private removeRetained(topic: string): void {
    // Its failure would be the server's refusal; the retained message is then still there to be seen.
    this.client?.publish(topic, new Uint8Array(), { qos: 1, retain: true }).catch((error) => this.fail(error));
  }

  private end(): void {
    this.isFinished = true;
    this.finish();
  }
}
