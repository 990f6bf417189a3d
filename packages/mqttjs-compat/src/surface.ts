/** How listeners and callbacks of the program are called: what they throw disturbs nothing of the client. */
import type { MqttClientEventCallbacks } from "./events.js";
import type { MqttClient } from "./mqtt-client.js";

/** What `task` throws is the program's: it comes up as an unhandled rejection, with MQTT.js it is an uncaught exception. */
export function surfacing(task: () => void): void {
  try {
    task();
  } catch (cause) {
    void Promise.reject(cause);
  }
}

/** The same, behind what runs now. */
export function later(task: () => void): void {
  void Promise.resolve().then(() => surfacing(task));
}

/** Emits. */
export function tell<Name extends keyof MqttClientEventCallbacks>(
  client: MqttClient,
  name: Name,
  ...values: Parameters<MqttClientEventCallbacks[Name]>
): void {
  client.log("emit %s", name);
  surfacing(() => void client.emit(name, ...values));
}

/** True: `end` was called, and nothing can be asked any more; the callback, or else the event `error`, says so. */
export function refuses(client: MqttClient, callback: ((error: Error) => void) | undefined): boolean {
  if (!client.disconnecting) return false;
  const error = new Error("client disconnecting");
  later(() => (callback === undefined ? void client.emit("error", error) : callback(error)));
  return true;
}
