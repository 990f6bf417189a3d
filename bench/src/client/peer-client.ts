/** The clients that are compared, behind the few calls that the measurements need. Both as their documentation uses them. */
import { type Client, connect } from "@tidings/client";
import mqtt, { type MqttClient } from "mqtt";

export interface PeerClient {
  /** Resolves as the library's own promise does. */
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<unknown>;
  /** Calls back with each message. */
  subscribe(filter: string, qos: 0 | 1, onMessage: () => void): Promise<unknown>;
  close(): Promise<void>;
}

class TidingsClient implements PeerClient {
  constructor(private readonly client: Client) {}

  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<unknown> {
    return this.client.publish(topic, payload, qos === 0 ? undefined : { qos });
  }

  subscribe(filter: string, qos: 0 | 1, onMessage: () => void): Promise<unknown> {
    return this.client.subscribe(filter, { qos, handler: onMessage });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

class MqttJsClient implements PeerClient {
  constructor(private readonly client: MqttClient) {}

  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<unknown> {
    return this.client.publishAsync(topic, payload as Buffer, { qos });
  }

  subscribe(filter: string, qos: 0 | 1, onMessage: () => void): Promise<unknown> {
    this.client.on("message", onMessage);
    return this.client.subscribeAsync(filter, { qos });
  }

  close(): Promise<void> {
    return this.client.endAsync();
  }
}

export const PEERS: Readonly<Record<string, (url: string) => Promise<PeerClient>>> = {
  tidings: async (url) => new TidingsClient(await connect(url)),
  "mqtt.js": async (url) => new MqttJsClient(await mqtt.connectAsync(url, { protocolVersion: 5 })),
};
