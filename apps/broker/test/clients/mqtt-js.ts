/** MQTT.js, over TCP and over WebSocket. */
import mqtt, { type IClientOptions, type IClientPublishOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { Journal } from "../journal.js";
import type {
  ClientKind,
  Message,
  MessageProperties,
  OpenOptions,
  SubscriptionWish,
  TestClient,
} from "./client-kind.js";

export const mqttJs: ClientKind = {
  name: "MQTT.js over TCP",
  id: "js",
  missing: undefined,
  open: (broker, options) => open(broker.url, options),
};

export const mqttJsOverWebSocket: ClientKind = {
  name: "MQTT.js over WebSocket",
  id: "jsws",
  missing: undefined,
  open: (broker, options) => open(broker.webSocketUrl, options),
};

async function open(url: string, options: OpenOptions): Promise<TestClient> {
  const inbox = new Journal<Message>();
  const { client, sessionPresent } = await connectMqttJs(url, connectOptions(options), inbox);
  for (const subscription of options.subscriptions ?? []) await subscribe(client, subscription);
  return {
    inbox,
    sessionPresent: options.version === 3 ? undefined : sessionPresent,
    publish: async ({ topic, payload, ...rest }) => {
      await client.publishAsync(topic, payload, publishOptions(rest));
    },
    close: () => client.endAsync(),
    kill: () =>
      new Promise((resolve) => {
        client.once("close", () => resolve());
        client.stream.destroy();
      }),
  };
}

/** Resolves with CONNACK; messages that come right behind it are not lost. Does not connect again by itself. */
export async function connectMqttJs(url: string, options: IClientOptions, inbox?: Journal<Message>) {
  const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  if (inbox !== undefined) {
    // The topic beside the packet is resolved, the one in it may be an alias.
    client.on("message", (topic, _payload, packet) => inbox.add(messageOf(topic, packet)));
  }
  const connack = await new Promise<mqtt.IConnackPacket>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
    client.once("close", () => reject(new Error("closed before CONNACK")));
  });
  client.removeAllListeners("error");
  client.on("error", () => {});
  return { client, connack, sessionPresent: connack.sessionPresent };
}

function connectOptions({ version, clientId, clean = true, keepAlive = 60, will, ...options }: OpenOptions) {
  const connect: IClientOptions = {
    protocolVersion: version,
    protocolId: version === 3 ? "MQIsdp" : "MQTT",
    clientId,
    clean,
    keepalive: keepAlive,
    resubscribe: false,
  };
  if (version === 5 && !clean) connect.properties = { sessionExpiryInterval: options.sessionExpiryInterval };
  if (will !== undefined)
    connect.will = { topic: will.topic, payload: will.payload, qos: will.qos, retain: will.retain };
  return connect;
}

async function subscribe(client: MqttClient, { filter, qos, subscriptionIdentifier }: SubscriptionWish): Promise<void> {
  const properties = subscriptionIdentifier === undefined ? undefined : { subscriptionIdentifier };
  const granted = await client.subscribeAsync(filter, { qos, properties });
  if (granted[0]?.qos !== qos) throw new Error(`granted ${JSON.stringify(granted)} instead of QoS ${qos}`);
}

function publishOptions({ qos, retain, properties }: Omit<Message, "topic" | "payload">): IClientPublishOptions {
  if (properties === undefined) return { qos, retain };
  const { correlationData, userProperties, subscriptionIdentifiers: _, ...rest } = properties;
  const grouped: Record<string, string[]> = {};
  for (const [name, value] of userProperties ?? []) (grouped[name] ??= []).push(value);
  return {
    qos,
    retain,
    properties: {
      ...rest,
      correlationData: correlationData === undefined ? undefined : Buffer.from(correlationData),
      userProperties: grouped,
    },
  };
}

function messageOf(topic: string, { payload, qos, retain, properties }: IPublishPacket): Message {
  const message: Message = { topic, payload: Buffer.from(payload), qos, retain };
  if (properties !== undefined) message.properties = propertiesOf(properties);
  return message;
}

function propertiesOf(properties: NonNullable<IPublishPacket["properties"]>): MessageProperties {
  const { correlationData, userProperties, subscriptionIdentifier, topicAlias: _, ...rest } = properties;
  const found: MessageProperties = rest;
  if (correlationData !== undefined) found.correlationData = correlationData.toString();
  if (userProperties !== undefined) {
    found.userProperties = Object.entries(userProperties).flatMap(([name, values]) =>
      [values].flat().map((value): [string, string] => [name, value]),
    );
  }
  if (subscriptionIdentifier !== undefined) found.subscriptionIdentifiers = [subscriptionIdentifier].flat();
  return found;
}
