/** A page's program in headless Chromium, over WebSocket against a broker: with MQTT.js, and with its import changed. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import { type Browser, chromium } from "playwright-core";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Without Chromium these tests are skipped, but not in CI. */
const hasChromium = existsSync(EXECUTABLE) || process.env.CI === "true";

const folder = fileURLToPath(new URL("../testing/", import.meta.url));
const program = readFileSync(join(folder, "page-program.js"), "utf8");

declare const page: { run(url: string): Promise<string[]> };

describe.skipIf(!hasChromium)("in a browser", () => {
  let browser: Browser;
  let server: BrokerServer;
  let url: string;
  let site: Server;
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
    server = await createBrokerServer({
      hooks: [{ authenticate: () => 0, authorizePublish: () => 0, authorizeSubscribe: () => 2 }],
    });
    url = (await server.listenWebSocket({ host: "127.0.0.1", port: 0, path: "/mqtt" })).url;
    scripts.set("/mqtt.js", await bundle(program));
    scripts.set("/compat.js", await bundle(program.replace('from "mqtt"', 'from "@tidings/mqttjs-compat"')));
    site = createServer(({ url = "" }, response) => {
      const script = scripts.get(url);
      response.setHeader("Content-Type", `text/${script === undefined ? "html" : "javascript"}; charset=utf-8`);
      response.end(script ?? "<!doctype html><title>A page</title>");
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    site?.close();
  });

  const runInPage = async (script: string): Promise<string[]> => {
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      const errors: string[] = [];
      tab.on("pageerror", (error) => errors.push(String(error)));
      await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
      await tab.addScriptTag({ url: script });
      const notes = await tab.evaluate((to) => page.run(to), url);
      return [...notes, ...errors];
    } finally {
      await context.close();
    }
  };

  test("a page's program does the same with its import changed", async () => {
    const original = await runInPage("/mqtt.js");
    expect(original.at(-1)).toBe("end false true");
    expect(await runInPage("/compat.js")).toEqual(original);
  });

  test("needs no polyfill, and is less than half of MQTT.js", () => {
    const { length } = scripts.get("/compat.js") as string;
    expect(scripts.get("/compat.js")).not.toMatch(/\brequire\(|"node:/);
    expect(length * 2).toBeLessThan((scripts.get("/mqtt.js") as string).length);
  });
});

/** One classic script that puts `run` on `window.page`, as an application's bundler would make it. */
async function bundle(source: string): Promise<string> {
  const place = mkdtempSync(join(folder, "page-"));
  try {
    const entry = join(place, "main.js");
    writeFileSync(entry, source);
    const result = await build({
      configFile: false,
      root: place,
      logLevel: "error",
      resolve: { conditions: ["@tidings/source", "browser", "module", "import", "default"] },
      define: { "process.env.NODE_ENV": '"production"' },
      build: { write: false, target: "es2022", lib: { entry, name: "page", formats: ["iife"] } },
    });
    const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
    return output[0].code;
  } finally {
    rmSync(place, { recursive: true });
  }
}
