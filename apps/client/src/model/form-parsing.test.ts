/** What people type, as packets need it. */
import { describe, expect, test } from "vitest";
import { checkProfile, connectOptions } from "./connect-options.js";
import { type ConnectionProfile, createProfile } from "./connection-profile.js";
import { parsePayload } from "./parse-payload.js";
import { parseUserProperties } from "./parse-user-properties.js";
import { DEFAULT_PUBLISH_FIELDS, readPublishFields } from "./publish-fields.js";
import { checkSubscription, createSubscription, nextColour } from "./subscription-profile.js";

const fieldOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { field?: unknown }).field;
  }
  return undefined;
};

describe("a payload", () => {
  test.each([
    ["text", "a\nä", [0x61, 0x0a, 0xc3, 0xa4]],
    ["json", '{"a":1}', [...Buffer.from('{"a":1}')]],
    ["hex", "0x01 02:fF", [1, 2, 255]],
    ["hex", "", []],
    ["base64", "AQI=", [1, 2]],
  ] as const)("as %s: %j", (format, typed, bytes) => {
    expect([...parsePayload(typed, format)]).toEqual(bytes);
  });

  test.each([
    ["json", "{"],
    ["hex", "012"],
    ["hex", "xy"],
    ["base64", "*"],
  ] as const)("as %s cannot be %j", (format, typed) => {
    expect(fieldOf(() => parsePayload(typed, format))).toBe("payload");
  });
});

test("user properties: a line each, order and repeats kept", () => {
  expect(parseUserProperties("a=1\n\n a = b=c \na=2")).toEqual([
    ["a", "1"],
    ["a", "b=c"],
    ["a", "2"],
  ]);
  expect(fieldOf(() => parseUserProperties("nothing"))).toBe("userProperties");
});

describe("what is published", () => {
  const fields = {
    ...DEFAULT_PUBLISH_FIELDS,
    topic: "a/b",
    payload: "x",
    qos: 1,
    retain: true,
    payloadFormatIndicator: true,
    messageExpiryInterval: 0,
    contentType: "text/plain",
    responseTopic: "r",
    correlationData: "0x0102",
    userProperties: "a=b",
  } as const;

  test("has every property in 5.0 and none before", () => {
    expect(readPublishFields(fields, 5)).toEqual({
      topic: "a/b",
      payload: new Uint8Array([0x78]),
      qos: 1,
      retain: true,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 0,
        contentType: "text/plain",
        responseTopic: "r",
        correlationData: new Uint8Array([1, 2]),
        userProperties: [["a", "b"]],
      },
    });
    expect(readPublishFields(fields, 4).properties).toEqual({});
    expect(readPublishFields({ ...DEFAULT_PUBLISH_FIELDS, topic: "a" }, 5).properties).toEqual({});
  });

  test.each([
    ["topic", { topic: "" }],
    ["topic", { topic: "a/#" }],
    ["responseTopic", { responseTopic: "a/+" }],
    ["correlationData", { correlationData: "0x1" }],
  ] as const)("is refused for its %s %j", (field, wrong) => {
    expect(fieldOf(() => readPublishFields({ ...fields, ...wrong }, 5))).toBe(field);
  });
});

describe("a subscription", () => {
  test.each([
    ["filter", { filter: "" }],
    ["filter", { filter: "a/#/b" }],
    ["noLocal", { filter: "$share/g/a", noLocal: true }],
    ["subscriptionIdentifier", { subscriptionIdentifier: 0 }],
    [undefined, { filter: "$share/g/a/#", subscriptionIdentifier: 7 }],
  ] as const)("is refused for %s: %j", (field, fields) => {
    expect(fieldOf(() => checkSubscription({ ...createSubscription("a", 0), ...fields }))).toBe(field);
  });

  test("gets the colour that is used least", () => {
    expect(nextColour([])).toBe(0);
    expect(nextColour([0, 1, 3].map((colour) => ({ colour })))).toBe(2);
  });
});

describe("a connection", () => {
  const http = { protocol: "http:" };
  const profile = (fields: Partial<ConnectionProfile> = {}): ConnectionProfile => ({
    ...createProfile("1", "ws://h/mqtt"),
    ...fields,
  });

  test("says what the form has, and no more", () => {
    expect(connectOptions(profile({ maximumPacketSize: undefined }))).toEqual({
      keepAlive: 60,
      cleanStart: true,
      connectTimeoutMs: 10_000,
      topicAliases: true,
      properties: {},
    });
  });

  test("with everything", () => {
    const all = profile({
      clientIdentifier: "me",
      username: "anna",
      password: "secret",
      sessionExpiryInterval: 0,
      receiveMaximum: 10,
      maximumPacketSize: 1_000,
      topicAliasMaximum: 5,
      requestResponseInformation: true,
      requestProblemInformation: false,
      userProperties: "a=b",
    });
    all.will = {
      ...all.will,
      isEnabled: true,
      topic: "gone",
      payload: "x",
      qos: 1,
      retain: true,
      willDelayInterval: 5,
    };
    expect(connectOptions(all)).toMatchObject({
      clientIdentifier: "me",
      username: "anna",
      password: "secret",
      properties: {
        sessionExpiryInterval: 0,
        receiveMaximum: 10,
        maximumPacketSize: 1_000,
        topicAliasMaximum: 5,
        requestResponseInformation: true,
        requestProblemInformation: false,
        userProperties: [["a", "b"]],
      },
      will: { topic: "gone", qos: 1, retain: true, properties: { willDelayInterval: 5 } },
    });
    const old = connectOptions({ ...all, protocolVersion: 4 });
    expect(old).not.toHaveProperty("properties");
    expect(old).toMatchObject({ protocolVersion: 4, will: { properties: {} } });
  });

  test("SCRAM keeps the password out of CONNECT", () => {
    const options = connectOptions(profile({ authentication: "scram-sha-256", username: "anna", password: "secret" }));
    expect(JSON.stringify(options)).not.toMatch(/anna|secret/);
  });

  test.each([
    ["url", { url: "nonsense" }],
    ["url", { url: "mqtt://h" }],
    ["keepAlive", { keepAlive: 65_536 }],
    ["receiveMaximum", { receiveMaximum: 0 }],
    ["maximumPacketSize", { maximumPacketSize: 1.5 }],
    ["authentication", { authentication: "scram-sha-256", protocolVersion: 4 }],
    ["clientIdentifier", { storeSession: true }],
    [undefined, {}],
  ] as const)("is refused for its %s: %j", (field, wrong) => {
    expect(fieldOf(() => checkProfile(profile(wrong), http))).toBe(field);
  });

  test("a page that came over HTTPS needs TLS, but for this machine", () => {
    const https = { protocol: "https:" };
    expect(fieldOf(() => checkProfile(profile(), https))).toBe("url");
    expect(fieldOf(() => checkProfile(profile({ url: "ws://127.0.0.1:8083/mqtt" }), https))).toBeUndefined();
    expect(fieldOf(() => checkProfile(profile({ url: "wss://h/mqtt" }), https))).toBeUndefined();
  });

  test("a will needs a topic", () => {
    const wrong = profile();
    wrong.will = { ...wrong.will, isEnabled: true };
    expect(fieldOf(() => checkProfile(wrong, http))).toBe("will.topic");
  });
});
