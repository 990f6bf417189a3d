/** Plays a scenario on as many connections as wanted, each a device of its own. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@tidings/client";
import type { Properties, QoS } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import { isClientError } from "../connection/client-failure.js";
import type { ConnectionSettings } from "../connection/connection-settings.js";
import { openClient } from "../connection/open-client.js";
import { Failure } from "../failure.js";
import type { Scenario, SimulatedMessage } from "./scenario.js";
import { seededRandom } from "./seeded-random.js";

export interface SimulationRequest {
  readonly connection: ConnectionSettings;
  readonly scenario: Scenario;
  readonly devices: number;
  readonly intervalMs: number;
  /** Messages of all devices together; undefined: until it is stopped. */
  readonly limit?: number;
  /** On top of what the scenario says. */
  readonly topic?: string;
  readonly qos?: QoS;
  readonly retain: boolean;
  readonly seed: number;
}

export interface SimulationHooks {
  readonly onPublished: (topic: string, payload: Uint8Array) => void;
  readonly onRefused: (error: unknown, topic: string) => void;
  readonly stop: AbortSignal;
}

/** Resolves with the number of messages. */
export async function runSimulation(request: SimulationRequest, hooks: SimulationHooks): Promise<number> {
  const { connection, devices, limit = Number.POSITIVE_INFINITY } = request;
  const prefix = connection.clientIdentifier ?? `simulate-${randomBytes(3).toString("hex")}`;
  const clients: Client[] = [];
  const budget = { left: limit };
  let published = 0;
  const play = async (client: Client, index: number): Promise<void> => {
    const device = new Device(request, index, client.clientIdentifier);
    while (!hooks.stop.aborted && budget.left > 0) {
      for (const message of await device.next()) {
        if (budget.left-- <= 0) break;
        if (await publishOne(client, message, hooks)) published += 1;
      }
      if (budget.left > 0) await delay(request.intervalMs, undefined, { signal: hooks.stop }).catch(() => {});
    }
  };
  try {
    for (let index = 0; index < devices && !hooks.stop.aborted; index++) {
      const clientIdentifier = devices === 1 && connection.clientIdentifier ? prefix : `${prefix}-${index}`;
      clients.push(await openClient({ ...connection, clientIdentifier }));
    }
    await Promise.all(clients.map(play));
  } finally {
    await Promise.all(clients.map((client) => client.close({ timeoutMs: 1_000 })));
  }
  return published;
}

interface ReadyMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties?: Properties;
}

/** False: the server refused it, and the simulation goes on. */
async function publishOne(client: Client, message: ReadyMessage, hooks: SimulationHooks): Promise<boolean> {
  const { topic, payload, qos, retain, properties } = message;
  try {
    await client.publish(topic, payload, { qos, retain, properties });
  } catch (error) {
    if (!isClientError(error) || error.code !== "TIDINGS_CLIENT_PUBLISH_REFUSED") throw error;
    hooks.onRefused(error, topic);
    return false;
  }
  hooks.onPublished(topic, payload);
  return true;
}

class Device {
  private readonly state: Record<string, unknown> = {};
  private readonly random: () => number;
  private sequence = 0;

  constructor(
    private readonly request: SimulationRequest,
    private readonly index: number,
    private readonly clientIdentifier: string,
  ) {
    this.random = seededRandom(request.seed + index);
  }

  async next(): Promise<ReadyMessage[]> {
    const { scenario } = this.request;
    const { index, clientIdentifier, random, state } = this;
    const device = { index, clientIdentifier, sequence: this.sequence++, now: new Date(), random, state };
    let made: Awaited<ReturnType<Scenario["generate"]>>;
    try {
      made = await scenario.generate(device);
    } catch (error) {
      throw new Failure(`The scenario ${scenario.name} failed: ${(error as Error).message}.`);
    }
    const messages = made === undefined ? [] : Array.isArray(made) ? made : [made];
    return messages.map((message) => this.ready(message));
  }

  private ready(message: SimulatedMessage): ReadyMessage {
    const { scenario, qos, retain } = this.request;
    const template = this.request.topic ?? message.topic ?? scenario.topic ?? "simulate/%s/%c";
    const topic = template
      .replaceAll("%c", this.clientIdentifier)
      .replaceAll("%i", String(this.index))
      .replaceAll("%s", scenario.name);
    if (!isTopicName(topic))
      throw new Failure(`The scenario ${scenario.name} made the topic "${topic}", which is none.`);
    return {
      topic,
      payload: payloadBytes(message.payload),
      qos: qos ?? message.qos ?? 0,
      retain: retain || message.retain === true,
      properties: message.properties as Properties | undefined,
    };
  }
}

function payloadBytes(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const text = typeof payload === "string" ? payload : (JSON.stringify(payload) ?? "");
  return new TextEncoder().encode(text);
}
