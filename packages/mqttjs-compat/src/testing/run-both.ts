/**
 * Runs a program of MQTT.js twice, each time against a broker of its own over TCP: once with MQTT.js, once with this
 * package. What it notes on the way is what is compared.
 */
import type { BrokerHooks } from "@tidings/broker";
import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import original from "mqtt";
import { mqtt as compatible } from "../mqtt.js";

type Mqtt = typeof compatible;

/** What a program is given. */
export interface Stage {
  readonly mqtt: Mqtt;
  readonly url: string;
  readonly port: number;
  readonly server: BrokerServer;
  /** Notes what happened. */
  readonly note: (...values: unknown[]) => void;
}

export type Program = (stage: Stage) => Promise<void>;

export interface BothRuns {
  readonly original: readonly string[];
  readonly compatible: readonly string[];
}

export async function runBoth(program: Program, hooks: BrokerHooks = {}): Promise<BothRuns> {
  return {
    original: await runWith(original as unknown as Mqtt, program, hooks),
    compatible: await runWith(compatible, program, hooks),
  };
}

async function runWith(mqtt: Mqtt, program: Program, hooks: BrokerHooks): Promise<string[]> {
  const allowing: BrokerHooks = { authenticate: () => 0, authorizePublish: () => 0, authorizeSubscribe: () => 2 };
  const server = await createBrokerServer({ hooks: [hooks, allowing] });
  const listener = await server.listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = new URL(listener.url.replace("mqtt:", "http:"));
  const notes: string[] = [];
  const note = (...values: unknown[]): void => {
    notes.push(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" "));
  };
  try {
    await program({ mqtt, url: listener.url, port: Number(port), server, note });
  } finally {
    await server.close();
  }
  return notes;
}
