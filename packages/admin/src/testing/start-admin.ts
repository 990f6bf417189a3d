/** A real broker with an admin API, and a way to ask it, for tests. */

import type { BrokerOptions } from "@tidings/broker";
import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import { type Client, type ConnectOptions, connect } from "@tidings/client";
import { type AdminOptions, type AdminServer, createAdmin } from "../index.js";

export const TOKEN = "a-token-for-the-tests";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they expect it to be
  readonly body: any;
}

export interface StartedAdmin {
  readonly server: BrokerServer;
  readonly admin: AdminServer;
  readonly mqttUrl: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A client with this Client Identifier. */
  client(clientId: string, options?: ConnectOptions): Promise<Client>;
  stop(): Promise<void>;
}

export async function startAdmin(
  options: Partial<AdminOptions> = {},
  brokerOptions: BrokerOptions = {},
): Promise<StartedAdmin> {
  const server = await createBrokerServer(brokerOptions);
  const { url: mqttUrl } = await server.listenTcp({ host: "127.0.0.1", port: 0 }, { name: "mqtt" });
  const admin = await createAdmin({
    broker: server.broker,
    version: "1.2.3",
    tokens: [TOKEN],
    port: 0,
    onFailure: (error) => {
      throw error;
    },
    ...options,
  });
  const clients: Client[] = [];
  return {
    server,
    admin,
    mqttUrl,
    ask: async (method, path, body, headers = { authorization: `Bearer ${TOKEN}` }) => {
      const response = await fetch(`${admin.url}${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    client: async (clientId, clientOptions) => {
      const client = await connect(mqttUrl, { clientIdentifier: clientId, reconnect: false, ...clientOptions });
      clients.push(client);
      return client;
    },
    stop: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await admin.close();
      await server.close();
    },
  };
}
