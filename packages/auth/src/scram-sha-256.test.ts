/** SCRAM-SHA-256: the server's side against the client's, over memory; and against what is not SCRAM. */
import { BrokerHarness, type TestClient } from "@tidings/broker/testing";
import { scramSha256 as clientSide } from "@tidings/client";
import { PacketType, ReasonCode } from "@tidings/packet";
import { beforeAll, describe, expect, test } from "vitest";
import { hmac, makeScramKeys, parseScramKeys } from "./scram-keys.js";
import { scramSha256 } from "./scram-sha-256.js";
import { MemoryUserStore } from "./user-store.js";

const METHOD = "SCRAM-SHA-256";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

let users: MemoryUserStore;
let harness: BrokerHarness;

beforeAll(async () => {
  users = new MemoryUserStore([
    { userName: "anna", scramKeys: await makeScramKeys("sésame", 4096), groups: ["staff"] },
    { userName: "a=b,c", scramKeys: await makeScramKeys("x", 4096) },
    { userName: "gone", scramKeys: await makeScramKeys("sésame", 4096), isDisabled: true },
    { userName: "plain" },
  ]);
  harness = new BrokerHarness({ hooks: [scramSha256(users)] });
});

async function answer(client: TestClient) {
  await harness.settle();
  return client.received.shift();
}

function begin(data: Uint8Array | undefined, method = METHOD): TestClient {
  return harness.connect({ properties: { authenticationMethod: method, authenticationData: data } });
}

function goOn(
  client: TestClient,
  data: string | Uint8Array,
  reasonCode: ReasonCode = ReasonCode.ContinueAuthentication,
) {
  const authenticationData = typeof data === "string" ? bytes(data) : data;
  return client.send({
    type: PacketType.AUTH,
    reasonCode,
    properties: { authenticationMethod: METHOD, authenticationData },
  });
}

/** The whole exchange by the client of this repository, which checks the server's proof as well. */
async function connectAs(username: string, password: string) {
  const exchange = clientSide({ username, password }).begin();
  const client = begin(await exchange.start());
  const first = await answer(client);
  if (first?.type !== PacketType.AUTH) throw new Error("no AUTH");
  goOn(client, (await exchange.continue(first.properties?.authenticationData)) as Uint8Array);
  const last = await answer(client);
  if (last?.type !== PacketType.CONNACK) throw new Error("no CONNACK");
  if (last.reasonCode === 0) await exchange.finish?.(last.properties?.authenticationData);
  return { client, reasonCode: last.reasonCode };
}

describe("the exchange", () => {
  test.each([
    ["anna", "sésame", 0],
    ["anna", "se\u0301same", 0], // the same, composed otherwise
    ["a=b,c", "x", 0],
    ["anna", "sesame", 0x86],
    ["nobody", "sésame", 0x86],
    ["gone", "sésame", 0x86],
    ["plain", "", 0x86],
  ])("%s with %s: %i", async (username, password, expected) => {
    expect((await connectAs(username, password)).reasonCode).toBe(expected);
  });

  test("names the user and its groups", async () => {
    const { client } = await connectAs("anna", "sésame");
    expect(client.connection.principal).toMatchObject({ userName: "anna", groups: ["staff"] });
  });

  test("can be repeated on the connection, but not as somebody else", async () => {
    const { client } = await connectAs("anna", "sésame");
    const again = async (username: string, password: string) => {
      const exchange = clientSide({ username, password }).begin();
      goOn(client, (await exchange.start()) as Uint8Array, ReasonCode.ReAuthenticate);
      const first = await answer(client);
      if (first?.type !== PacketType.AUTH) throw new Error("no AUTH");
      goOn(client, (await exchange.continue(first.properties?.authenticationData)) as Uint8Array);
      return answer(client);
    };
    expect(await again("anna", "sésame")).toMatchObject({ type: PacketType.AUTH, reasonCode: 0 });
    expect(await again("a=b,c", "x")).toMatchObject({ type: PacketType.DISCONNECT, reasonCode: 0x87 });
  });

  test("does not tell an unknown user from a known one", async () => {
    const saltOf = async (username: string) => {
      const client = begin(bytes(`n,,n=${username},r=abc`));
      const first = await answer(client);
      return text(first?.type === PacketType.AUTH ? first.properties?.authenticationData : undefined).split(",s=")[1];
    };
    const unknown = await saltOf("nobody");
    expect(await saltOf("nobody")).toBe(unknown);
    expect(await saltOf("nobody2")).not.toBe(unknown);
    expect(unknown.split(",")[0]).toHaveLength((await saltOf("anna")).split(",")[0].length);
  });

  test("another method is somebody else's", async () => {
    expect(await answer(begin(undefined, "SCRAM-SHA-1"))).toMatchObject({ reasonCode: 0x8c });
  });
});

describe("what is not SCRAM is refused", () => {
  test.each([
    "",
    "n,,",
    "n,,n=,r=abc",
    "n,,n=anna",
    "n,,n=anna,r=",
    "n,,m=ext,n=anna,r=abc",
    "n,a=root,n=anna,r=abc",
    "p=tls-unique,,n=anna,r=abc",
    "n,,n=an=na,r=abc",
    "n,,n=anna,r=a\u0007c",
    "x".repeat(10_000),
  ])("first message %j", async (first) => {
    expect(await answer(begin(bytes(first)))).toMatchObject({ type: PacketType.CONNACK, reasonCode: 0x86 });
  });

  test("no text, and no data", async () => {
    expect(await answer(begin(Uint8Array.of(0xff, 0xfe)))).toMatchObject({ reasonCode: 0x86 });
    expect(await answer(begin(undefined))).toMatchObject({ reasonCode: 0x86 });
  });

  test.each([
    (_nonce: string) => "",
    (nonce: string) => `c=biws,r=${nonce}`,
    (nonce: string) => `c=biws,r=${nonce},p=`,
    (nonce: string) => `c=biws,r=${nonce},p=AAAA`,
    (nonce: string) => `c=eSws,r=${nonce},p=${Buffer.alloc(32).toString("base64")}`,
    (nonce: string) => `c=biws,r=${nonce}x,p=${Buffer.alloc(32).toString("base64")}`,
    (_nonce: string) => `c=biws,r=abc,p=${Buffer.alloc(32).toString("base64")}`,
    (nonce: string) => `c=biws,r=${nonce},p=${Buffer.alloc(32).toString("base64")}`,
    (nonce: string) => `c=biws,r=${nonce},p=${Buffer.alloc(64).toString("base64")}`,
  ])("final message %#", async (final) => {
    const client = begin(bytes("n,,n=anna,r=abc"));
    const first = await answer(client);
    const data = text(first?.type === PacketType.AUTH ? first.properties?.authenticationData : undefined);
    goOn(client, final(/^r=([^,]+)/.exec(data)?.[1] as string));
    expect(await answer(client)).toMatchObject({ type: PacketType.CONNACK, reasonCode: 0x86 });
  });
});

test("keys prove what the example of RFC 7677 section 3 does", () => {
  const { iterations, salt, serverKey } = parseScramKeys(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const serverFirst = `r=${nonce},s=${Buffer.from(salt).toString("base64")},i=${iterations}`;
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,${serverFirst},c=biws,r=${nonce}`;
  expect(hmac(serverKey, message).toString("base64")).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

test.each([
  "",
  "SCRAM-SHA-256$1:AA==$AA==:AA==",
  "SCRAM-SHA-1$4096:AA==$AA==:AA==",
  "SCRAM-SHA-256$4096:AA==$AA==:AA==",
])("refuses stored keys %j", (stored) => {
  expect(() => parseScramKeys(stored)).toThrow(expect.objectContaining({ code: "TIDINGS_PASSWORD_HASH" }));
});

test("refuses iterations that are too few or too many", async () => {
  await expect(makeScramKeys("x", 4095)).rejects.toMatchObject({ code: "TIDINGS_AUTH_OPTION" });
  await expect(makeScramKeys("x", 1e9)).rejects.toMatchObject({ code: "TIDINGS_AUTH_OPTION" });
});
