/** What a command line of mosquitto's tools asks for. */
import type { Properties, QoS } from "@tidings/packet";
import type { PublishRequest } from "../commands/publish-request.js";
import type { SubscribeRequest } from "../commands/subscribe-request.js";
import type { ConnectionSettings } from "../connection/connection-settings.js";

export const MOSQUITTO_TOOLS = ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"] as const;
export type MosquittoTool = (typeof MOSQUITTO_TOOLS)[number];

/** How messages are printed. */
export interface MosquittoOutput {
  readonly format?: string;
  readonly pretty: boolean;
  readonly verbose: boolean;
  readonly newline: boolean;
}

interface MosquittoCommon {
  readonly debug: boolean;
  readonly quiet: boolean;
}

export interface MosquittoPub extends MosquittoCommon {
  readonly tool: "mosquitto_pub";
  readonly request: PublishRequest;
}

export interface MosquittoSub extends MosquittoCommon {
  readonly tool: "mosquitto_sub";
  readonly request: SubscribeRequest;
  readonly output: MosquittoOutput;
}

export interface MosquittoRr extends MosquittoCommon {
  readonly tool: "mosquitto_rr";
  readonly connection: ConnectionSettings;
  readonly topic: string;
  readonly responseTopic: string;
  readonly qos: QoS;
  readonly properties: Properties;
  readonly subscribeProperties: Properties;
  readonly source: PublishRequest["source"];
  readonly retain: boolean;
  readonly skipRetained: boolean;
  readonly timeoutSeconds?: number;
  readonly output: MosquittoOutput;
}

export type MosquittoCommand = MosquittoPub | MosquittoSub | MosquittoRr;
