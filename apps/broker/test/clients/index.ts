import type { ClientKind } from "./client-kind.js";
import { mosquitto } from "./mosquitto.js";
import { mqttJs, mqttJsOverWebSocket } from "./mqtt-js.js";
import { paho } from "./paho.js";

export const CLIENT_KINDS: readonly ClientKind[] = [mqttJs, mqttJsOverWebSocket, mosquitto, paho];
