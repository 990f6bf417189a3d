/** Enhanced authentication by MQTT.js's means: data in `properties`, and the method `handleAuth`. */
import type { Authenticator } from "@tidings/client";
import type { IClientOptions } from "./client-options.js";
import type { IAuthPacket, Packet } from "./packets.js";
import { payloadBytes } from "./payload-bytes.js";

type HandleAuth = (packet: IAuthPacket, callback: (error?: Error | null, packet?: Packet) => void) => void;

/** Undefined when the options name no method. */
export function authenticatorOf(options: IClientOptions, handleAuth: HandleAuth): Authenticator | undefined {
  const method = options.properties?.authenticationMethod;
  if (method === undefined) return undefined;
  return {
    method,
    begin: () => ({
      start: () => bytesOf(options.properties?.authenticationData),
      continue: (data) =>
        new Promise((resolve, reject) => {
          const authenticationData = data === undefined ? undefined : payloadBytes(data);
          const packet: IAuthPacket = {
            cmd: "auth",
            reasonCode: 0x18,
            properties: { authenticationMethod: method, authenticationData },
          };
          handleAuth(packet, (error, answer) => {
            if (error !== undefined && error !== null) reject(error);
            else if (answer?.cmd === "auth") resolve(bytesOf(answer.properties?.authenticationData));
            else reject(new Error("handleAuth gave no packet to go on with."));
          });
        }),
      finish: () => {},
    }),
  };
}

function bytesOf(data: Uint8Array | string | undefined): Uint8Array | undefined {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
