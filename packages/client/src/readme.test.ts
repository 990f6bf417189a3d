/** The examples of the README print what it says. */
import { readFileSync } from "node:fs";
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { clientFactory } from "./testing/client-factory.js";
import type { ServerConnection } from "./testing/server-connection.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)]
  .map(([, code]) => code)
  .filter((code) => code.includes("// prints: "));

/** Sends what is published to everybody. */
function echoing(environment: VirtualEnvironment): (server: ServerConnection) => void {
  return (server) => {
    server.serve();
    const { onPacket } = server;
    server.onPacket = (packet) => {
      onPacket(packet);
      if (packet.type !== PacketType.PUBLISH) return;
      for (const other of environment.connections) {
        if (!other.isClosed) other.publish(packet.topicName, packet.payload, { properties: packet.properties });
      }
    };
  };
}

describe("the README", () => {
  test("has examples that print", () => expect(examples.length).toBeGreaterThanOrEqual(3));

  test.each(examples)("prints what it says: %s", async (code) => {
    const environment = new VirtualEnvironment();
    environment.onConnection = echoing(environment);
    const printed: string[] = [];
    const body = code
      .replace(/import \{[^}]*\} from "@tidings\/client";/, "")
      .replace(/await using (\w+) = (.*);/, "const $1 = $2; // disposed of at the end");
    const run = new Function("connect", "console", `return (async () => {${body}})();`);
    let isDone = false;
    const running = (
      run(clientFactory(environment).connect, {
        log: (...values: unknown[]) => printed.push(values.join(" ")),
      }) as Promise<void>
    ).finally(() => {
      isDone = true;
    });
    running.catch(() => {});
    for (let count = 0; count < 100 && !isDone; count += 1) await environment.advance(10);
    await environment.settle();
    await running;
    expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
  });
});
