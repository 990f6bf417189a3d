import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Bench } from "../bench.js";

export function servingSuite(place: () => Bench): void {
  describe("the broker app serves it", () => {
    const get = (path: string, init: RequestInit = {}) => fetch(new URL(path, place().pageUrl), init);

    test("says where it is", async () => {
      const record = await place().broker.record("web client at");
      expect(record["url"]).toBe(place().pageUrl);
    });

    test("the page, with a strict policy, asked for again each time", async () => {
      const response = await get("/");
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/html/);
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      const policy = response.headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      const etag = response.headers.get("etag") ?? "";
      expect((await get("/", { headers: { "If-None-Match": etag } })).status).toBe(304);
    });

    test("scripts and styles, kept for good, with their types", async () => {
      const page = await (await get("/")).text();
      const names = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) {
        const { status, headers } = await get(name);
        expect(status).toBe(200);
        expect(headers.get("content-type")).toMatch(name.endsWith(".js") ? /^text\/javascript/ : /^text\/css/);
        expect(headers.get("cache-control")).toContain("immutable");
        expect(headers.get("content-encoding")).toBe("gzip");
      }
      expect(page).not.toMatch(/https?:\/\//); // nothing from elsewhere
    });

    test("HEAD without a body; other methods and paths not at all", async () => {
      const head = await get("/", { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect((await get("/", { method: "POST", body: "x" })).status).toBe(405);
      expect((await get("/nothing")).status).toBe(404);
      expect((await get("/../package.json")).status).toBe(404);
      expect((await get("/%2e%2e%2fpackage.json")).status).toBe(404);
      expect((await get("/mqtt")).status).toBe(426);
    });

    test("the upgrade on /mqtt works beside it, and nowhere else", async () => {
      const outcome = (path: string) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(new URL(path, place().broker.webSocketUrl), "mqtt");
          socket.on("open", () => {
            socket.terminate();
            resolve("open");
          });
          socket.on("error", (error) => resolve(error.message));
        });
      expect(await outcome("/mqtt")).toBe("open");
      expect(await outcome("/")).toContain("404");
    });
  });
}
