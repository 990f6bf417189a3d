/** The clients that are compared, behind the few calls that the measurements need. Both as their documentation uses them. */
import { connect } from "@tidings/client";
import mqtt from "mqtt";

export interface PeerClient {
  /** Resolves as the library's own promise does. */
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<unknown>;
  /** Calls back with each message. */
  subscribe(filter: string, qos: 0 | 1, onMessage: () => void): Promise<void>;
  close(): Promise<void>;
}

export const PEERS: Readonly<Record<string, (url: string) => Promise<PeerClient>>> = {
  tidings: async (url) => {
    const client = await connect(url);
    return {
      publish: (topic, payload, qos) => client.publish(topic, payload, qos === 0 ? undefined : { qos }),
      subscribe: async (filter, qos, onMessage) => {
        await client.subscribe(filter, { qos, handler: onMessage });
      },
      close: () => client.close(),
    };
  },
  "mqtt.js": async (url) => {
    const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
    return {
      publish: (topic, payload, qos) => client.publishAsync(topic, payload as Buffer, { qos }),
      subscribe: async (filter, qos, onMessage) => {
        client.on("message", onMessage);
        await client.subscribeAsync(filter, { qos });
      },
      close: () => client.endAsync(),
    };
  },
};
