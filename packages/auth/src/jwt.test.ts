/** Tokens as identity: signatures, claims, permissions, expiry, renewal and keys that rotate. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import { BrokerHarness, type ConnectOptions, type TestClient } from "@tidings/broker/testing";
import { PacketType, ReasonCode } from "@tidings/packet";
import { type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type JwtOptions, jwt } from "./jwt.js";
import type { JwtKeys } from "./jwt-keys.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SECRET = "a secret of thirty-two bytes or more";
const START_MS = new BrokerHarness().nowMs;
const START = START_MS / 1000;

const pairs = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
};
const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

async function token(claims: JWTPayload = {}, key: KeyObject | Uint8Array = bytes(SECRET), header = { alg: "HS256" }) {
  return new SignJWT({ sub: "anna", exp: START + 60, ...claims }).setProtectedHeader(header).sign(key);
}

function broker(options: Partial<JwtOptions> = {}): BrokerHarness {
  const harness: BrokerHarness = new BrokerHarness({
    hooks: [jwt({ keys: { secret: SECRET }, now: () => harness?.nowMs ?? START_MS, ...options })],
  });
  return harness;
}

/** CONNECT with a token as password, and what came back. */
async function connect(harness: BrokerHarness, password: string, options: ConnectOptions = {}) {
  const client = harness.connect({ userName: "ignored", password: bytes(password), ...options });
  await until(harness, client);
  return client;
}

async function until(harness: BrokerHarness, client: TestClient): Promise<void> {
  await vi.waitUntil(
    () => {
      harness.endTurn();
      return client.received.length > 0;
    },
    { timeout: 15_000, interval: 1 },
  );
}

async function reasonOf(harness: BrokerHarness, password: string, options: ConnectOptions = {}): Promise<number> {
  return (await connect(harness, password, options)).takeFirst(PacketType.CONNACK).reasonCode;
}

describe("a token", () => {
  test.each([3, 4, 5] as const)("is a way in, protocol level %i", async (protocolVersion) => {
    const harness = broker();
    const client = await connect(harness, await token({ role: "admin" }), { protocolVersion });
    expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    expect(client.connection.principal).toMatchObject({ userName: "anna", claims: { sub: "anna", role: "admin" } });
  });

  test("may be the user name", async () => {
    expect(await reasonOf(broker({ from: "user-name" }), "", { userName: await token() })).toBe(0);
    expect(await reasonOf(broker({ from: "user-name" }), await token(), { userName: "x" })).toBe(0x86);
  });

  test.each(["", "password", "a.b", "a.b.", "a.b.c.d", "é.é.é"])(
    "%j is none: somebody else's affair",
    async (password) => {
      const hooks = jwt({ keys: { secret: SECRET } });
      const request = { userName: "x", password: bytes(password), connect: { clientIdentifier: "c" } };
      expect(hooks.authenticate?.(request as never)).toBe(undefined);
    },
  );

  test.each<[string, JWTPayload, string]>([
    ["expired", { exp: START - 1 }, "the token has expired"],
    ["without an end", { exp: undefined }, "the token's claim exp is missing or not right"],
    ["not yet valid", { nbf: START + 10 }, "the token's claim nbf is missing or not right"],
    ["of another issuer", { iss: "evil" }, "the token's claim iss is missing or not right"],
    ["for another audience", { aud: "web" }, "the token's claim aud is missing or not right"],
    ["without a user", { sub: undefined }, "the token has no claim sub"],
  ])("%s is refused", async (_what, claims, reasonString) => {
    const harness = broker({ issuer: "https://issuer", audience: ["mqtt", "other"] });
    const client = await connect(harness, await token({ iss: "https://issuer", aud: "mqtt", ...claims }));
    expect(client.takeFirst(PacketType.CONNACK)).toMatchObject({ reasonCode: 0x86, properties: { reasonString } });
  });

  test("may be late by what clocks differ", async () => {
    const harness = broker({ clockToleranceSeconds: 5 });
    expect(await reasonOf(harness, await token({ exp: START - 4 }))).toBe(0);
    expect(await reasonOf(harness, await token({ exp: START - 6 }))).toBe(0x86);
  });

  test("may last for ever when that is allowed", async () => {
    const harness = broker({ expiry: "optional" });
    const client = await connect(harness, await token({ exp: undefined }));
    harness.advance(100_000);
    expect(client.isClosed).toBe(false);
  });

  test("ends the connection when it expires", async () => {
    const harness = broker();
    const client = await connect(harness, await token({ exp: START + 10 }));
    client.take();
    harness.advance(9_000);
    expect(client.isClosed).toBe(false);
    harness.advance(2_000);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.NotAuthorized);
  });
});

describe("signatures", () => {
  test.each(Object.keys(pairs) as (keyof typeof pairs)[])("%s, by PEM and by key set", async (alg) => {
    const { privateKey, publicKey } = pairs[alg];
    const signed = await token({}, privateKey, { alg });
    expect(await reasonOf(broker({ keys: { publicKeys: [pemOf(publicKey)] } }), signed)).toBe(0);
    const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1" }] };
    expect(await reasonOf(broker({ keys: { jwks } }), signed)).toBe(0);
    const others = Object.values(pairs).filter((pair) => pair.publicKey !== publicKey);
    const publicKeys = others.map((pair) => pemOf(pair.publicKey));
    expect(await reasonOf(broker({ keys: { publicKeys } }), signed)).toBe(0x86);
  });

  test("a PEM key has no name, and several of a kind are all tried", async () => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys: JwtKeys = { publicKeys: [pemOf(pairs.ES256.publicKey), pemOf(own.publicKey)] };
    const header = { alg: "ES256", kid: "whatever" };
    expect(await reasonOf(broker({ keys }), await token({}, own.privateKey, header))).toBe(0);
    const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(await reasonOf(broker({ keys }), await token({}, foreign.privateKey, header))).toBe(0x86);
  });

  test("a public key is no secret", async () => {
    const pem = pemOf(pairs.RS256.publicKey);
    const forged = await token({}, bytes(pem), { alg: "HS256" });
    expect(await reasonOf(broker({ keys: { publicKeys: [pem] } }), forged)).toBe(0x86);
  });

  test("a token that is changed, unsigned, or signed with something else is refused", async () => {
    const harness = broker();
    const [header, , signature] = (await token()).split(".");
    const claims = Buffer.from(JSON.stringify({ sub: "root", exp: START + 60 })).toString("base64url");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await reasonOf(harness, `${header}.${claims}.${signature}`)).toBe(0x86);
    expect(await reasonOf(harness, `${none}.${claims}.AAAA`)).toBe(0x86);
    expect(await reasonOf(harness, await token({}, bytes("another secret of thirty-two bytes")))).toBe(0x86);
  });

  test("only the algorithms that are accepted", async () => {
    const harness = broker({ algorithms: ["HS512"] });
    expect(await reasonOf(harness, await token())).toBe(0x86);
    const long = "s".repeat(64);
    const signed = await token({}, bytes(long), { alg: "HS512" });
    expect(await reasonOf(broker({ keys: { secret: long }, algorithms: ["HS512"] }), signed)).toBe(0);
  });

  test.each<[Partial<JwtOptions>, string]>([
    [{ keys: { secret: "short" } }, "has 5 bytes"],
    [{ keys: { publicKeys: [] } }, "no public key"],
    [{ keys: { publicKeys: ["x"] } }, "public key 1 is no PEM"],
    [{ keys: { jwks: {} as never } }, "not a JSON Web Key Set"],
    [{ keys: { jwksUrl: "http://issuer.example/keys" } }, "is no https: URL"],
    [{ keys: { jwksUrl: "x" } }, "is no https: URL"],
    [{ algorithms: ["RS256"] }, "RS256 does not go with these keys"],
    [{ keys: { publicKeys: [pemOf(pairs.RS256.publicKey)] }, algorithms: ["HS256"] }, "HS256 does not go"],
  ])("options that cannot be: %#", (options, message) => {
    expect(() => jwt({ keys: { secret: SECRET }, ...options })).toThrow(
      expect.objectContaining({ code: "TIDINGS_AUTH_OPTION", message: expect.stringContaining(message) }),
    );
  });
});

describe("claims", () => {
  test("name the user and its groups", async () => {
    const harness = broker({ userNameClaim: "user.name", groupsClaim: "groups" });
    const client = await connect(harness, await token({ user: { name: "carl" }, groups: ["a", "b"] }));
    expect(client.connection.principal).toMatchObject({ userName: "carl", groups: ["a", "b"] });
  });

  test("bind a token to its client, or name one that has no name", async () => {
    const harness = broker({ clientIdentifierClaim: "client" });
    const signed = await token({ client: ["c1", "c2"] });
    expect(await reasonOf(harness, signed, { clientIdentifier: "c2" })).toBe(0);
    expect(await reasonOf(harness, signed, { clientIdentifier: "c3" })).toBe(ReasonCode.ClientIdentifierNotValid);
    const connack = (await connect(harness, signed, { clientIdentifier: "" })).takeFirst(PacketType.CONNACK);
    expect(connack.properties?.assignedClientIdentifier).toBe("c1");
    const without = { clientIdentifier: "c1" };
    expect(await reasonOf(harness, await token(), without)).toBe(ReasonCode.ClientIdentifierNotValid);
    expect(await reasonOf(harness, await token(), { clientIdentifier: "" })).toBe(ReasonCode.ClientIdentifierNotValid);
  });

  test("permit what they name and nothing else", async () => {
    const harness = broker({ permissionClaims: { publish: "mqtt.pub", subscribe: "mqtt.sub" } });
    const own = await connect(harness, await token({ mqtt: { pub: "out/%c", sub: ["in/#", "a/#/b"] } }), {
      clientIdentifier: "c",
    });
    const free = await connect(harness, await token({ sub: "bert" }), { clientIdentifier: "free" });
    own.take();
    free.take();
    const published = (topicName: string) =>
      own.publish(topicName, "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode;
    expect([published("out/c"), published("out/d"), published("in/c")]).toEqual([0x10, 0x87, 0x87]);
    const granted = (filter: string) => own.subscribe(filter).takeFirst(PacketType.SUBACK).reasonCodes[0];
    expect([granted("in/+"), granted("#"), granted("out/c")]).toEqual([2, 0x87, 0x87]);
    free.publish("in/x", "delivered").publish("out/c", "anything");
    expect(own.payloads()).toEqual(["delivered"]);
  });

  test("an empty permission permits nothing", async () => {
    const harness = broker({ permissionClaims: { publish: "pub", subscribe: "sub_" } });
    const client = await connect(harness, await token({ pub: [] }));
    client.take();
    expect(client.publish("t", "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode).toBe(0x87);
    expect(client.subscribe("t").takeFirst(PacketType.SUBACK).reasonCodes).toEqual([0x87]);
  });
});

describe("the authentication method JWT", () => {
  const method = "JWT";

  async function begin(harness: BrokerHarness, data: string): Promise<TestClient> {
    const properties = { authenticationMethod: method, authenticationData: bytes(data) };
    const client = harness.connect({ properties, clientIdentifier: "c" });
    await until(harness, client);
    return client;
  }

  test("lets in, and renews the token on the connection", async () => {
    const harness = broker();
    const client = await begin(harness, await token({ exp: START + 10 }));
    expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    harness.advance(5_000);
    const properties = { authenticationMethod: method, authenticationData: bytes(await token({ exp: START + 100 })) };
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ReAuthenticate, properties });
    await until(harness, client);
    expect(client.takeFirst(PacketType.AUTH).reasonCode).toBe(0);
    harness.advance(50_000);
    expect(client.isClosed).toBe(false);
    harness.advance(60_000);
    expect(client.isClosed).toBe(true);
  });

  test("refuses what is no token, and a renewal as somebody else", async () => {
    const harness = broker();
    expect((await begin(harness, "x")).takeFirst(PacketType.CONNACK).reasonCode).toBe(0x86);
    const client = await begin(harness, await token());
    client.take();
    const properties = { authenticationMethod: method, authenticationData: bytes(await token({ sub: "bert" })) };
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ReAuthenticate, properties });
    await until(harness, client);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x87);
  });
});

describe("a key set behind a URL", () => {
  let server: Server;
  let jwksUrl: string;
  let answer: { status: number; body: string };
  let requests: number;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      requests += 1;
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}/keys`;
  });

  beforeEach(() => {
    requests = 0;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const setOf = (...kids: string[]) => {
    const jwk = pairs.ES256.publicKey.export({ format: "jwk" });
    return { status: 200, body: JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid })) }) };
  };
  const signed = (kid: string) => token({}, pairs.ES256.privateKey, { alg: "ES256", kid } as never);

  test("is read once, and again when a key is unknown", async () => {
    answer = setOf("old");
    const harness = broker({ keys: { jwksUrl, cooldownSeconds: 0 } });
    for (let i = 0; i < 3; i++) expect(await reasonOf(harness, await signed("old"))).toBe(0);
    expect(requests).toBe(1);
    answer = setOf("new");
    expect(await reasonOf(harness, await signed("new"))).toBe(0);
    expect(await reasonOf(harness, await signed("old"))).toBe(0x86); // rotated out
  });

  test("is not read for each token with a made-up key", async () => {
    answer = setOf("old");
    const harness = broker({ keys: { jwksUrl } });
    for (const kid of ["old", "x", "y", "z"]) await reasonOf(harness, await signed(kid));
    expect(requests).toBe(1);
  });

  test.each([
    { status: 500, body: "" },
    { status: 200, body: "no JSON" },
    { status: 200, body: "{}" },
    { status: 302, body: "" },
  ])("that cannot be had lets nobody in: %j", async (failing) => {
    answer = failing;
    const failures: unknown[] = [];
    const harness = broker({ keys: { jwksUrl }, onFailure: (error) => failures.push(error) });
    expect(await reasonOf(harness, await signed("old"))).toBe(ReasonCode.ServerUnavailable);
    expect(failures).toHaveLength(1);
    answer = setOf("old");
    expect(await reasonOf(harness, await signed("old"))).toBe(0);
  });

  test("nobody listens there", async () => {
    const failures: unknown[] = [];
    const harness = broker({ keys: { jwksUrl: "http://127.0.0.1:1/" }, onFailure: (error) => failures.push(error) });
    expect(await reasonOf(harness, await signed("old"))).toBe(ReasonCode.ServerUnavailable);
    expect(failures).toHaveLength(1);
  });
});
