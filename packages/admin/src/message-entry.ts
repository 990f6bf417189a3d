/** Payloads and properties, in the forms that JSON has. */
import { type Static, Type } from "@sinclair/typebox";
import type { ApplicationMessage, HostMessage } from "@tidings/broker";
import { Problem } from "./problem.js";

export const payloadSchema = Type.Object({
  encoding: Type.Unsafe<"text" | "base64">({ type: "string", enum: ["text", "base64"] }),
  payload: Type.String({ description: "As `encoding` says: text where it is UTF-8." }),
});

export const propertiesSchema = Type.Object(
  {
    payloadFormatIndicator: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })),
    messageExpiryInterval: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: "Seconds." })),
    contentType: Type.Optional(Type.String()),
    responseTopic: Type.Optional(Type.String()),
    correlationData: Type.Optional(Type.String({ description: "Base64." })),
    userProperties: Type.Optional(Type.Array(Type.Tuple([Type.String(), Type.String()]), { maxItems: 1000 })),
  },
  { additionalProperties: false, description: "Properties of MQTT 5.0." },
);

const NOT_BASE64 = /[^A-Za-z0-9+/=]/;

export function bytesOf(base64: string, what: string): Uint8Array {
  if (NOT_BASE64.test(base64) || base64.length % 4 !== 0) throw new Problem(400, `${what} is not Base64.`);
  return Buffer.from(base64, "base64");
}

export function hostProperties(properties: Static<typeof propertiesSchema>): HostMessage["properties"] {
  const { correlationData, payloadFormatIndicator, userProperties, ...rest } = properties;
  return {
    ...rest,
    ...(payloadFormatIndicator !== undefined && { payloadFormatIndicator: payloadFormatIndicator as 0 | 1 }),
    ...(userProperties !== undefined && { userProperties: userProperties.map(([name, value]) => [name, value]) }),
    ...(correlationData !== undefined && { correlationData: bytesOf(correlationData, "correlationData") }),
  };
}

/** `bytesMax` of the payload, at most. */
export function describePayload(payload: Uint8Array, bytesMax = payload.length): Static<typeof payloadSchema> {
  const bytes = payload.subarray(0, bytesMax);
  try {
    return { encoding: "text", payload: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { encoding: "base64", payload: Buffer.from(bytes).toString("base64") };
  }
}

export function describeProperties({ properties }: ApplicationMessage): Static<typeof propertiesSchema> | undefined {
  if (properties === undefined) return undefined;
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData } = properties;
  return {
    payloadFormatIndicator,
    messageExpiryInterval,
    contentType,
    responseTopic,
    correlationData: correlationData === undefined ? undefined : Buffer.from(correlationData).toString("base64"),
    userProperties: properties.userProperties?.map(([name, value]) => [name, value]),
  };
}
