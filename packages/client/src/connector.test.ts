/** Staying connected: servers, delays, reasons to stop, redirects, versions, `beforeConnect`. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ConnectAttempt, ConnectOptions } from "./connect-options.js";
import type { ClientError } from "./core/client-error.js";
import { clientFactory } from "./testing/client-factory.js";
import { connectedClient } from "./testing/connected-client.js";
import type { ServerConnection } from "./testing/server-connection.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

const serve = (server: ServerConnection): void => void server.serve();

function create(urls: string | string[], options: ConnectOptions = {}, play = serve) {
  const environment = new VirtualEnvironment();
  environment.onConnection = play;
  const errors: ClientError[] = [];
  const retries: (number | undefined)[] = [];
  const client = clientFactory(environment).createClient(urls, {
    onError: (error) => void errors.push(error),
    onDisconnect: (error, retryInMs) => {
      errors.push(error);
      retries.push(retryInMs);
    },
    ...options,
  });
  return { client, environment, errors, retries };
}

/** When the attempts were made, in milliseconds from the first one. */
async function attemptTimes(options: ConnectOptions, durationMs: number, random: number): Promise<number[]> {
  const { client, environment } = create("mqtt://server", options);
  environment.fixedRandom = random;
  environment.refuses = () => true;
  const startMs = environment.nowMs;
  const times: number[] = [];
  environment.refuses = () => {
    times.push(environment.nowMs - startMs);
    return true;
  };
  await environment.advance(durationMs);
  await client.close();
  return times;
}

describe("delays", () => {
  test("double up to the cap, and are chance below that", async () => {
    expect(await attemptTimes({}, 100_000, 0.999_999)).toEqual([
      0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000,
    ]);
    expect(await attemptTimes({}, 16_000, 0.5)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500]);
    const reconnect = { minDelayMs: 10, maxDelayMs: 15 };
    expect(await attemptTimes({ reconnect }, 56, 0.999_999)).toEqual([0, 10, 25, 40, 55]);
  });

  test("follow a rule of the application", async () => {
    const reconnect = { delay: (attempt: number) => attempt * 100 };
    expect(await attemptTimes({ reconnect }, 650, 0)).toEqual([0, 100, 300, 600]);
  });

  test("end when the application knows better", async () => {
    const { client, environment } = create("mqtt://server", { reconnect: { delay: () => 60_000 } });
    await environment.settle();
    client.retryNow();
    await environment.settle();
    expect(environment.opened.length).toBe(1); // there is a connection
    environment.connection.drop();
    await environment.settle();
    expect(client.status).toBe("reconnecting");
    client.retryNow();
    client.retryNow();
    await environment.settle();
    expect([client.status, environment.opened.length, environment.timerCount]).toEqual(["connected", 2, 1]);
    await environment.advance(120_000);
    expect(environment.opened.length).toBe(2);
    const closed = client.close();
    await environment.settle();
    await closed;
    client.retryNow();
    await environment.settle();
    expect(environment.opened.length).toBe(2);
  });

  test("grow while connections do not last, and begin anew after one that did", async () => {
    const { environment, retries } = create("mqtt://server");
    environment.fixedRandom = 0.999_999;
    await environment.settle();
    for (let count = 0; count < 3; count += 1) {
      environment.connection.drop();
      await environment.advance(4_000);
    }
    await environment.advance(10_000);
    environment.connection.drop();
    await environment.settle();
    expect(retries).toEqual([1_000, 2_000, 4_000, 1_000]);
  });
});

describe("the end of trying", () => {
  test("comes with the last attempt", async () => {
    const { client, environment, errors } = create("mqtt://server", { reconnect: { attemptsMax: 3 } });
    environment.refuses = () => true;
    const publishing = client.publish("a", "x", { qos: 1 });
    await environment.advance(100_000);
    expect(environment.opened).toHaveLength(3);
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill("TIDINGS_CLIENT_CONNECT_FAILED"));
    await expect(publishing).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_CONNECT_FAILED",
      cause: { code: "TIDINGS_CONNECT_REFUSED" },
    });
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_FAILED" });
    expect(client.status).toBe("closed");
  });

  test.each([
    [5, 0x86],
    [5, 0x87],
    [5, 0x85],
    [4, 5],
    [4, 2],
  ] as const)("comes at once with version %i and CONNACK %i", async (protocolVersion, reasonCode) => {
    const { client, environment } = create("mqtt://server", { protocolVersion }, (server) => {
      server.onPacket = () => void server.refuse(reasonCode);
    });
    await environment.advance(100_000);
    expect(environment.opened).toHaveLength(1);
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_REFUSED", reasonCode });
  });

  test("does not come with reasons that pass", async () => {
    let count = 0;
    const { client, environment } = create("mqtt://server", {}, (server) => {
      if (count++ < 3) server.onPacket = () => void server.refuse(0x89);
      else server.serve();
    });
    await environment.advance(100_000);
    expect(client.status).toBe("connected");
  });

  test("comes when another client has taken the session over", async () => {
    const { client, environment, retries } = create("mqtt://server");
    await environment.settle();
    environment.connection.send({ type: PacketType.DISCONNECT, reasonCode: 0x8e });
    await environment.advance(100_000);
    expect([client.status, retries, environment.opened.length]).toEqual(["closed", [undefined], 1]);
  });

  test("is the application's to decide", async () => {
    const isFatal = ({ reasonCode }: ClientError): boolean => reasonCode === 0x89;
    const { client, environment } = create("mqtt://server", { reconnect: { isFatal } }, (server) => {
      server.onPacket = () => void server.refuse(environment.opened.length < 3 ? 0x87 : 0x89);
    });
    await environment.advance(100_000);
    expect([client.status, environment.opened.length]).toEqual(["closed", 3]);
  });

  test("comes with the connection where reconnecting is off", async () => {
    const { client, environment } = create("mqtt://server", { reconnect: false });
    await environment.settle();
    const publishing = client.publish("a", "x", { qos: 1 });
    environment.connection.drop();
    await environment.settle();
    await publishing.catch(() => {});
    expect([client.status, environment.opened.length]).toEqual(["closed", 1]);
  });

  test("of connect comes after one round over the servers, unless told otherwise", async () => {
    const environment = new VirtualEnvironment();
    environment.refuses = () => true;
    const { connect } = clientFactory(environment);
    const once = connect(["mqtt://one", "mqtt://two"]);
    once.catch(() => {});
    await environment.advance(1_000);
    await expect(once).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_FAILED" });
    expect(environment.opened.map(({ address }) => address.host)).toEqual(["one", "two"]);
    environment.onConnection = serve;
    const patient = connect("mqtt://one", { retryFirstConnect: true });
    await environment.advance(10_000);
    environment.refuses = () => false;
    await environment.advance(60_000);
    expect((await patient).status).toBe("connected");
  });

  test("comes with a server that does not answer CONNECT, in time", async () => {
    const { client, environment } = create("mqtt://server", { connectTimeoutMs: 700, reconnect: false }, () => {});
    await environment.advance(701);
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_TIMEOUT" });
  });
});

describe("several servers", () => {
  test("are tried in turn, at once, before there is a delay", async () => {
    const { client, environment } = create(["mqtt://one:1", "mqtts://two", "ws://three/mqtt"]);
    environment.refuses = ({ host }) => host !== "three";
    await environment.advance(5);
    expect(environment.opened.map(({ address }) => address.url)).toEqual([
      "mqtt://one:1",
      "mqtts://two:8883",
      "ws://three:80/mqtt",
    ]);
    expect(client.status).toBe("connected");
  });
});

describe("beforeConnect", () => {
  test("changes address, credentials and properties, each time", async () => {
    const asked: ConnectAttempt[] = [];
    const { environment } = create("mqtt://me:old@server", {
      beforeConnect: async (attempt) => {
        asked.push(attempt);
        return { url: `mqtt://fresh-${asked.length}`, username: "you", password: `token-${asked.length}` };
      },
    });
    await environment.settle();
    environment.connection.drop();
    await environment.advance(1_000);
    expect(asked).toMatchObject([
      { attempt: 1, url: "mqtt://server:1883", lastError: undefined },
      { attempt: 2, lastError: { code: "TIDINGS_CLIENT_CONNECTION_LOST" } },
    ]);
    expect(environment.opened.map(({ address }) => address.host)).toEqual(["fresh-1", "fresh-2"]);
    expect(environment.connection.connect).toMatchObject({
      userName: "you",
      password: new TextEncoder().encode("token-2"),
    });
  });

  test("that throws is a failed attempt", async () => {
    let count = 0;
    const { client, environment, errors } = create("mqtt://server", {
      beforeConnect: () => {
        if (count++ === 0) throw new Error("no token");
        return undefined;
      },
    });
    await environment.advance(2_000);
    expect(errors).toMatchObject([{ code: "TIDINGS_CLIENT_HANDLER_FAILED" }]);
    expect(client.status).toBe("connected");
  });
});

describe("versions", () => {
  test.each([
    ["in its own form", [0x20, 2, 0, 1]],
    ["in the form of 5.0", [0x20, 3, 0, 0x84, 0]],
  ] as const)("5.0 gives way to 3.1.1 when a server refuses it %s", async (_, bytes) => {
    const { client, environment } = create("mqtt://server", {}, (server) => {
      server.onPacket = (packet) => {
        if (packet.type !== PacketType.CONNECT) return;
        if (packet.protocolVersion === 5) server.sendBytes(bytes);
        else server.connack();
      };
    });
    await environment.settle();
    expect((await client.connected).protocolVersion).toBe(4);
    environment.connection.drop();
    await environment.advance(1_000);
    expect(environment.connections).toHaveLength(3);
    expect(client.server?.protocolVersion).toBe(4);
  });

  test("5.0 that was asked for does not", async () => {
    const { client, environment } = create("mqtt://server", { protocolVersion: 5 }, (server) => {
      server.onPacket = () => void server.sendBytes([0x20, 2, 0, 1]);
    });
    await environment.settle();
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_REFUSED", reasonCode: 1 });
  });
});

describe("redirects", () => {
  const moving = (reasonCode: number, serverReference: string | undefined) => (server: ServerConnection) => {
    server.onPacket = ({ type }) => {
      if (type !== PacketType.CONNECT) return;
      if (isFirst) server.refuse(reasonCode, serverReference === undefined ? undefined : { serverReference });
      else server.connack();
      isFirst = false;
    };
  };
  let isFirst = true;

  test.each([
    [0x9d, "other.example:1999 third.example", "mqtts://other.example:1999", "mqtts://other.example:1999"],
    [0x9c, "other.example", "mqtts://other.example:8883", "mqtts://server:8883"],
    [0x9c, "ws://other.example/mqtt", "ws://other.example:80/mqtt", "mqtts://server:8883"],
  ])("%i to %s are followed on request", async (reasonCode, reference, first, next) => {
    isFirst = true;
    const play = moving(reasonCode, reference);
    const { client, environment } = create("mqtts://server", { followRedirects: true }, play);
    await environment.settle();
    expect(client.status).toBe("connected");
    environment.connection.drop();
    await environment.advance(1_000);
    expect(environment.opened.map(({ address }) => address.url)).toEqual(["mqtts://server:8883", first, next]);
  });

  test("are an error otherwise, with the reference", async () => {
    isFirst = true;
    const { client, environment } = create("mqtt://server", {}, moving(0x9d, "other.example"));
    await environment.settle();
    await expect(client.connected).rejects.toMatchObject({ reasonCode: 0x9d, serverReference: "other.example" });
  });

  test("in a circle come to an end", async () => {
    const { environment } = create(
      "mqtt://server",
      { followRedirects: true, reconnect: { attemptsMax: 1 } },
      (server) => {
        server.onPacket = () => void server.refuse(0x9c, { serverReference: "server" });
      },
    );
    await environment.advance(1_000_000);
    expect(environment.opened.length).toBeLessThan(10);
  });
});

test("what makes no sense is refused at once", async () => {
  const { createClient, connect } = clientFactory(new VirtualEnvironment());
  const invalid = { code: "TIDINGS_CLIENT_INVALID_ARGUMENT" };
  expect(() => createClient("gopher://server")).toThrow(expect.objectContaining(invalid));
  expect(() => createClient([])).toThrow(expect.objectContaining(invalid));
  expect(() => createClient("mqtt://me:secret@")).toThrow(/^(?!.*secret)/);
  await expect(connect("not a url")).rejects.toMatchObject(invalid);
});

test("close settles whatever the server does", async () => {
  const { client, environment, server } = await connectedClient();
  server.serve([]);
  server.stream.pause();
  void client.publish("a", new Uint8Array(1_000_000), { qos: 1 });
  const closed = client.close({ timeoutMs: 3_000 });
  await environment.advance(3_001);
  await closed;
  expect(client.status).toBe("closed");
  const waiting = create("mqtt://server");
  waiting.environment.refuses = () => true;
  await waiting.environment.advance(500);
  await waiting.client.close();
  await waiting.client.close();
  expect(waiting.environment.timerCount).toBe(0);
});
