/**
 * What well-known kinds of applications do with MQTT.js: a flow editor's broker node that many nodes share, a bridge from
 * radio devices to topics, and a home automation that finds devices.
 */
import type { BrokerHooks } from "@tidings/broker";
import { expect, test } from "vitest";
import type { IClientOptions } from "../client-options.js";
import type { MqttClient } from "../mqtt-client.js";
import type { IPublishPacket } from "../packets.js";
import { type Program, runBoth, type Stage } from "../testing/run-both.js";

type Listener = (topic: string, payload: Buffer, packet: IPublishPacket) => void;

/** Resolves when `done` has been called. */
function gate(): { readonly passed: Promise<void>; done(): void } {
  let done = (): void => {};
  const passed = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { passed, done };
}

/** One connection that the nodes of a flow share: it counts its users, and tells them how it stands. */
class BrokerNode {
  readonly users = new Set<string>();
  readonly subscriptions = new Map<string, { qos: 0 | 1 | 2; listener: Listener }>();
  readonly client: MqttClient;
  readonly #stage: Stage;
  closing = false;

  constructor(stage: Stage, options: IClientOptions) {
    this.#stage = stage;
    this.client = stage.mqtt.connect(stage.url, options);
    this.client.setMaxListeners(0);
    this.client.on("connect", () => {
      this.#status("green");
      this.client.removeListener("message", this.#onMessage);
      this.client.on("message", this.#onMessage);
      for (const [topic, { qos }] of this.subscriptions) this.client.subscribe(topic, { qos });
      this.client.publish("flow/state", "online", { qos: 1, retain: true });
    });
    this.client.on("reconnect", () => this.#status("yellow"));
    this.client.on("close", () => this.#status(this.closing ? "closed" : "red"));
    this.client.on("error", () => {});
  }

  readonly #onMessage: Listener = (topic, payload, packet) => {
    for (const [filter, { listener }] of this.subscriptions) {
      if (matches(filter, topic)) listener(topic, payload, packet);
    }
  };

  #status(status: string): void {
    this.#stage.note("status", status, this.client.connected, this.client.reconnecting);
  }

  subscribe(topic: string, qos: 0 | 1 | 2, listener: Listener): void {
    this.subscriptions.set(topic, { qos, listener });
    if (this.client.connected) this.client.subscribe(topic, { qos });
  }

  unsubscribe(topic: string): Promise<void> {
    this.subscriptions.delete(topic);
    return new Promise((resolve) => void this.client.unsubscribe(topic, {}, () => resolve()));
  }

  close(): Promise<void> {
    this.closing = true;
    return new Promise((resolve) => {
      this.client.publish("flow/state", "closed", { qos: 1, retain: true }, () => {
        this.client.end(false, {}, () => {
          this.client.removeAllListeners();
          resolve();
        });
      });
    });
  }
}

const matches = (filter: string, topic: string): boolean =>
  new RegExp(`^${filter.replaceAll("+", "[^/]*").replace("#", ".*")}$`).test(topic);

const flow =
  (protocolVersion: 4 | 5): Program =>
  async (stage) => {
    const { server, note } = stage;
    const node = new BrokerNode(stage, {
      clientId: "flow",
      username: "editor",
      password: "secret",
      keepalive: 60,
      clean: true,
      reconnectPeriod: 15,
      protocolId: "MQTT",
      protocolVersion,
      resubscribe: false,
      rejectUnauthorized: true,
      will: { topic: "flow/state", payload: "lost", qos: 1, retain: true },
    });
    const temperature = gate();
    const again = gate();
    let count = 0;
    node.subscribe("sensors/+/temperature", 1, (topic, payload, { qos, retain }) => {
      count += 1;
      note("in", topic, Number(payload.toString()), qos, retain);
      (count === 1 ? temperature : again).done();
    });
    node.subscribe("buttons/#", 0, (topic) => note("button", topic));
    await new Promise<void>((resolve) => void node.client.once("connect", () => resolve()));
    node.client.publish("sensors/kitchen/temperature", "21.5", { qos: 1, retain: false });
    await temperature.passed;
    await node.unsubscribe("buttons/#");
    server.broker.client("flow")?.disconnect(0x98);
    await new Promise<void>((resolve) => void node.client.once("connect", () => resolve()));
    await node.client.publishAsync("buttons/1", "pressed", { qos: 1 });
    node.client.publish("sensors/hall/temperature", Buffer.from("19"), { qos: 2 });
    await again.passed;
    await node.close();
    note(node.client.listenerCount("message"), node.client.connected);
  };

/** A bridge from devices to topics: its state is retained, and its will says that it is gone. */
const bridge: Program = async ({ mqtt, url, server, note }) => {
  const base = "devices";
  const watcher = await mqtt.connectAsync(url);
  const states: string[] = [];
  const online = gate();
  watcher.on("message", (topic, payload, { retain }) => {
    states.push(`${topic} ${payload} ${retain}`);
    if (topic === `${base}/lamp` && JSON.parse(payload.toString()).state === "ON") online.done();
  });
  await watcher.subscribeAsync([`${base}/bridge/state`, `${base}/lamp`], { qos: 1 });

  const will = {
    topic: `${base}/bridge/state`,
    payload: Buffer.from('{"state":"offline"}'),
    qos: 1 as const,
    retain: true,
  };
  const client = await mqtt.connectAsync(url, {
    will,
    properties: { maximumPacketSize: 1_048_576 },
    protocolVersion: 5,
    clientId: "bridge",
    username: "bridge",
    password: "secret",
    keepalive: 60,
    reconnectPeriod: 20,
    rejectUnauthorized: false,
  });
  client.stream?.setMaxListeners(0);
  client.on("error", (error) => note("error", error.message));
  const onConnect = async (): Promise<void> => {
    await client.publishAsync(`${base}/bridge/state`, JSON.stringify({ state: "online" }), { qos: 1, retain: true });
  };
  client.on("connect", onConnect);
  client.on("close", () => note("close", client.reconnecting, client.disconnecting));
  await onConnect();

  const commands = gate();
  client.on("message", (topic, payload) => {
    note("command", topic, JSON.parse(payload.toString()));
    client.publish(`${base}/lamp`, JSON.stringify({ state: "ON", brightness: 254 }), { qos: 0, retain: false });
    commands.done();
  });
  await client.subscribeAsync(`${base}/+/set`);
  await watcher.publishAsync(`${base}/lamp/set`, JSON.stringify({ state: "ON" }));
  await commands.passed;
  await online.passed;

  server.broker.client("bridge")?.disconnect(0x8b);
  await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
  note(client.reconnecting, client.disconnecting, client.disconnected === true, client.connected);
  const set = new Promise<void>((resolve) => void client.once("message", () => resolve()));
  await client.publishAsync(`${base}/lamp/set`, JSON.stringify({ state: "TOGGLE" }), { qos: 1 });
  await set;
  await client.publishAsync(`${base}/bridge/state`, JSON.stringify({ state: "offline" }), { qos: 1, retain: true });
  await client.endAsync();
  note(states);
  await watcher.endAsync();
};

/** Home automation: devices announce themselves in retained messages, and do so again when it says that it is born. */
const discovery: Program = async ({ mqtt, url, note }) => {
  const config = JSON.stringify({ name: "Hall", state_topic: "home/hall/state", unique_id: "hall-1" });
  const device = mqtt.connect(url, {
    clientId: "hall-1",
    will: { topic: "home/hall/up", payload: "no", retain: true },
  });
  const announce = (): void => {
    device.publish("discovery/sensor/hall/config", config, { retain: true, qos: 1 });
    device.publish("home/hall/up", "yes", { retain: true });
    device.publish("home/hall/state", "20.1");
  };
  device.on("connect", () => device.subscribe({ "discovery/status": { qos: 1 } }, announce));
  device.on("message", (_topic, payload) => payload.toString() === "online" && announce());
  await new Promise<void>((resolve) => void device.once("connect", () => resolve()));
  await device.publishAsync("ready", "", { qos: 1 });

  const home = await mqtt.connectAsync(url, { clientId: "home", protocolVersion: 5, clean: true });
  const known = new Map<string, string>();
  const found = gate();
  const state = gate();
  home.on("message", async (topic, payload, packet) => {
    if (topic.startsWith("discovery/")) {
      const { state_topic, unique_id } = JSON.parse(payload.toString());
      if (known.has(state_topic)) return;
      known.set(state_topic, unique_id);
      note("found", unique_id, packet.retain);
      await home.subscribeAsync([state_topic, "home/hall/up"], { qos: 0 });
      found.done();
    } else if (known.has(topic)) {
      note(known.get(topic), Number(payload.toString()));
      state.done();
    }
  });
  await home.subscribeAsync("discovery/+/+/config", { qos: 1, rh: 0 });
  await found.passed;
  await home.publishAsync("discovery/status", "online", { qos: 1 });
  await state.passed;
  await Promise.all([home.endAsync(), device.endAsync()]);
};

const programs: Record<string, readonly [Program, BrokerHooks?]> = {
  "a flow editor's broker node, 3.1.1": [flow(4)],
  "a flow editor's broker node, 5.0": [flow(5)],
  "a bridge to devices": [bridge],
  "home automation": [discovery],
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, [program, hooks]) => {
  const { original, compatible } = await runBoth(program, hooks);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
