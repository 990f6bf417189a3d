/** What comes from the server: the event `message`, `handleMessage`, and the option `customHandleAcks`. */
import type { Message } from "@tidings/client";
import type { AckHandler } from "./client-options.js";
import { versionOf } from "./connect-options.js";
import { shownError } from "./errors.js";
import type { MqttClient } from "./mqtt-client.js";
import type { IPublishPacket } from "./packets.js";
import { showMessage } from "./show-message.js";
import { surfacing, tell } from "./surface.js";

/** From here on a Reason Code is a refusal. */
const REFUSED = 0x80;

/** The next message, and the acknowledgement of this one, wait for the answer. `isWaiting`: for `handleMessage` as well. */
export function handleIncoming(mqttClient: MqttClient, message: Message, isWaiting: boolean): void | Promise<void> {
  const packet = showMessage(message);
  const { options } = mqttClient;
  if (versionOf(options) === 5 && options.customHandleAcks !== undefined && message.qos > 0) {
    return handleWithVerdict(mqttClient, message, packet, options.customHandleAcks);
  }
  tell(mqttClient, "message", message.topic, packet.payload, packet);
  if (isWaiting) return handled(mqttClient, packet);
}

async function handleWithVerdict(
  mqttClient: MqttClient,
  message: Message,
  packet: IPublishPacket,
  customHandleAcks: AckHandler,
): Promise<void> {
  const verdict = await new Promise<Error | number>((resolve) => {
    surfacing(() =>
      customHandleAcks(message.topic, packet.payload, packet, (error, code) => {
        resolve(typeof error === "number" ? error : (error ?? code ?? 0));
      }),
    );
  });
  if (typeof verdict !== "number") {
    tell(mqttClient, "error", verdict);
    return; // not acknowledged
  }
  if (verdict >= REFUSED) {
    try {
      message.reject(verdict);
    } catch (cause) {
      tell(mqttClient, "error", shownError(cause));
    }
    return;
  }
  tell(mqttClient, "message", message.topic, packet.payload, packet);
  await handled(mqttClient, packet);
  message.ack();
}

function handled(mqttClient: MqttClient, packet: IPublishPacket): Promise<void> {
  return new Promise((resolve, reject) => {
    mqttClient.handleMessage(packet, (error) => (error ? reject(error) : resolve()));
  });
}
