/** Publishing from here. */
import { Type } from "@sinclair/typebox";
import type { QoS } from "@tidings/packet";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { bytesOf, hostProperties, propertiesSchema } from "../message-entry.js";
import { Problem, problemSchema } from "../problem.js";

export function publishRoutes(app: AdminApp, { options: { broker } }: AdminContext): void {
  app.post(
    "/publish",
    {
      schema: {
        operationId: "publish",
        summary: "Publish a message as the host process",
        tags: ["publish"],
        body: Type.Object(
          {
            topicName: Type.String({ minLength: 1, maxLength: 65_535 }),
            payload: Type.Optional(Type.Unknown({ description: "Text, Base64 or any JSON, as `encoding` says." })),
            encoding: Type.Unsafe<"text" | "base64" | "json">({
              type: "string",
              enum: ["text", "base64", "json"],
              default: "text",
            }),
            qos: Type.Integer({ minimum: 0, maximum: 2, default: 0 }),
            retain: Type.Boolean({ default: false }),
            properties: Type.Optional(propertiesSchema),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            reasonCode: Type.Integer({ description: "0: it was routed; 16: nobody has a matching subscription." }),
          }),
          "4xx": problemSchema,
        },
      },
    },
    async ({ body: { topicName, payload, encoding, qos, retain, properties } }) => {
      const message = {
        topicName,
        payload: payloadOf(payload, encoding),
        qos: qos as QoS,
        retain,
        properties: properties === undefined ? undefined : hostProperties(properties),
      };
      const { reasonCode } = await published(() => broker.publish(message));
      if (reasonCode >= 0x80) throw new Problem(409, `The broker refused the message: reason ${reasonCode}.`);
      return { reasonCode };
    },
  );
}

/** The core says what cannot be published by throwing. */
function published<T>(publish: () => T): T {
  try {
    return publish();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith("TIDINGS_") === true) throw new Problem(400, `${message}.`);
    throw error;
  }
}

function payloadOf(payload: unknown, encoding: "text" | "base64" | "json"): Uint8Array | string {
  if (payload === undefined) return "";
  if (encoding === "json") return JSON.stringify(payload);
  if (typeof payload !== "string")
    throw new Problem(400, `payload is no string; for other values, encoding is "json".`);
  return encoding === "base64" ? bytesOf(payload, "payload") : payload;
}
