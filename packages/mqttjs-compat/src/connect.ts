/** MQTT.js's `connect` and `connectAsync`. */
import type { IClientOptions } from "./client-options.js";
import { MqttClient } from "./mqtt-client.js";
import { withUrl } from "./server-urls.js";

/** A client at once, which connects in the background. Throws for options that lead nowhere. */
export function connect(options: IClientOptions): MqttClient;
export function connect(url?: string, options?: IClientOptions): MqttClient;
export function connect(given?: string | IClientOptions, more: IClientOptions = {}): MqttClient {
  return new MqttClient(undefined, typeof given === "object" ? withUrl(undefined, given) : withUrl(given, more));
}

/**
 * Resolves when the client is connected; rejects with the first error. Without `allowRetries` also when the first attempt
 * ends without one.
 */
export function connectAsync(options: IClientOptions): Promise<MqttClient>;
export function connectAsync(url: string, options?: IClientOptions, allowRetries?: boolean): Promise<MqttClient>;
export function connectAsync(
  given: string | IClientOptions,
  options?: IClientOptions,
  allowRetries = true,
): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const client = typeof given === "string" ? connect(given, options) : connect(given);
    const succeed = (): void => {
      done();
      resolve(client);
    };
    const fail = (error: Error): void => {
      done();
      client.end();
      reject(error);
    };
    const giveUp = (): void => {
      if (!allowRetries) fail(new Error("Couldn't connect to server"));
    };
    const done = (): void => {
      client.off("connect", succeed).off("end", succeed).off("error", fail).off("close", giveUp);
    };
    client.on("connect", succeed).on("end", succeed).on("error", fail).on("close", giveUp);
  });
}
