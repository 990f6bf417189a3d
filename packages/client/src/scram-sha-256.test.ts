import { describe, expect, test, vi } from "vitest";
import { scramSha256 } from "./scram-sha-256.js";
import { clientFactory } from "./testing/client-factory.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

// The exchange of RFC 7677 section 3.
const CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const SERVER_FIRST = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const CLIENT_FINAL =
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

function begin(username = "user") {
  return scramSha256({ username, password: "pencil", nonce: () => "rOprNGfwEbeRWgbNEkqO" }).begin();
}

describe("SCRAM-SHA-256", () => {
  test("exchanges what the standard's example does", async () => {
    const exchange = begin();
    expect(text(await exchange.start())).toBe(CLIENT_FIRST);
    expect(text(await exchange.continue(bytes(SERVER_FIRST)))).toBe(CLIENT_FINAL);
    expect(() => exchange.finish(bytes(SERVER_FINAL))).not.toThrow();
  });

  test("fails with a code of its own where there is no WebCrypto, and connecting is not tried again", async () => {
    vi.stubGlobal("crypto", {});
    try {
      const error = expect.objectContaining({ code: "TIDINGS_CLIENT_NOT_SUPPORTED" });
      expect(() => begin()).toThrow(error);
      const environment = new VirtualEnvironment();
      const authentication = scramSha256({ username: "user", password: "pencil" });
      const client = clientFactory(environment).createClient("mqtt://server", { authentication });
      await environment.settle();
      expect(client.status).toBe("closed");
      expect(await client.closed).toEqual(error);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("escapes names, and has a nonce of its own for each exchange", async () => {
    expect(text(await begin("a=b,c").start())).toBe("n,,n=a=3Db=2Cc,r=rOprNGfwEbeRWgbNEkqO");
    const authenticator = scramSha256({ username: "user", password: "pencil" });
    expect(authenticator.method).toBe("SCRAM-SHA-256");
    const nonces = await Promise.all([1, 2, 3].map(async () => text(await authenticator.begin().start())));
    expect(new Set(nonces).size).toBe(3);
    expect(nonces[0]).toMatch(/^n,,n=user,r=[A-Za-z0-9+/]{24}$/);
  });

  test.each([
    ["a nonce of its own making", SERVER_FIRST.replace("r=rOpr", "r=xxxx")],
    ["our nonce alone", SERVER_FIRST.replace("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "")],
    ["too few iterations", SERVER_FIRST.replace("i=4096", "i=1000")],
    ["too many iterations", SERVER_FIRST.replace("i=4096", "i=99999999")],
    ["no number of iterations", SERVER_FIRST.replace("i=4096", "i=many")],
    ["an extension", `m=x,${SERVER_FIRST}`],
  ])("does not answer a server that sends %s", async (_, serverFirst) => {
    await expect(Promise.resolve(begin().continue(bytes(serverFirst)))).rejects.toThrow();
    await expect(Promise.resolve(begin().continue(undefined))).rejects.toThrow("no Authentication Data");
  });

  test.each([
    ["another signature", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="],
    ["none", ""],
    ["an error", "e=invalid-proof"],
  ])("does not believe a server that ends with %s", async (_, serverFinal) => {
    const exchange = begin();
    await exchange.continue(bytes(SERVER_FIRST));
    expect(() => exchange.finish(bytes(serverFinal))).toThrow();
    expect(() => begin().finish(bytes(SERVER_FINAL))).toThrow();
  });
});
