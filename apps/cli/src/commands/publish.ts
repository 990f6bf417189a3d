/** Does what `pub` is asked to do, in either dialect. */

import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@tidings/client";
import { readLines, readMessage } from "../payload/read-message-source.js";
import type { Terminal } from "../terminal.js";
import type { CommandTrace, SentMessage } from "./command-trace.js";
import { connected } from "./connected.js";
import type { PublishRequest } from "./publish-request.js";

export interface PublishHooks {
  readonly trace: CommandTrace;
  /** One of the messages could not be published. May throw to end it all. */
  readonly onRefused: (error: unknown, number: number) => void;
  /** What is sent for what was read. */
  readonly encode?: (bytes: Uint8Array) => Uint8Array;
}

/** Reads a whole message before it connects, so that a missing file costs no connection. */
export async function publish(request: PublishRequest, terminal: Terminal, hooks: PublishHooks): Promise<void> {
  const { source, connection, repeat, repeatDelayMs } = request;
  const encode = hooks.encode ?? ((bytes: Uint8Array) => bytes);
  if (source.kind === "lines") {
    await connected(connection, terminal, hooks.trace, (client) => publishLines(client, request, terminal, hooks));
    return;
  }
  const payload = encode(await readMessage(source, terminal.input));
  await connected(connection, terminal, hooks.trace, async (client) => {
    const messages = new MessagePublisher(client, request, hooks);
    for (let number = 1; number <= repeat && !terminal.stop.aborted; number++) {
      await messages.publish(payload);
      if (number < repeat && repeatDelayMs > 0) await delay(repeatDelayMs, undefined, { signal: terminal.stop });
    }
  });
}

/** As many under way as the request allows; the reader of stdin waits for the others. */
async function publishLines(
  client: Client,
  request: PublishRequest,
  terminal: Terminal,
  hooks: PublishHooks,
): Promise<void> {
  const messages = new MessagePublisher(client, request, hooks);
  const encode = hooks.encode ?? ((bytes: Uint8Array) => bytes);
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const line of readLines(terminal.input, terminal.stop)) {
    const publishing: Promise<void> = messages.publish(encode(line)).catch((error) => {
      failure ??= { error };
    });
    underWay.add(publishing);
    publishing.finally(() => underWay.delete(publishing));
    if (underWay.size >= request.inFlightMax) await Promise.race(underWay);
    if (failure !== undefined) break;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
}

class MessagePublisher {
  private number = 0;

  constructor(
    private readonly client: Client,
    private readonly request: PublishRequest,
    private readonly hooks: PublishHooks,
  ) {}

  async publish(payload: Uint8Array): Promise<void> {
    const { topic, qos, retain } = this.request;
    // The client numbers aliases itself.
    const { topicAlias: _, ...properties } = this.request.properties;
    const number = ++this.number;
    const message: SentMessage = { topic, qos, retain, payload, properties };
    this.hooks.trace.publishing(number, message);
    try {
      const { reasonCode } = await this.client.publish(topic, payload, { qos, retain, properties });
      this.hooks.trace.published(number, message, reasonCode);
    } catch (error) {
      this.hooks.onRefused(error, number);
    }
  }
}
