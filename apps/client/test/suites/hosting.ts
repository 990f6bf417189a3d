/** The files of the build behind some other web server, in a folder of it. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, connectPage } from "../bench.js";

const DIST = new URL("../../dist/", import.meta.url);
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export function hostingSuite(place: () => Bench): void {
  describe("hosted elsewhere", () => {
    let site: Server;
    let folder: string;

    beforeAll(async () => {
      site = createServer(async ({ url = "" }, response) => {
        const name = url.replace(/^\/tools\/mqtt\//, "") || "index.html";
        const content = await readFile(new URL(name, DIST)).catch(() => undefined);
        const isFound = url.startsWith("/tools/mqtt/") && content !== undefined;
        response.writeHead(isFound ? 200 : 404, { "Content-Type": TYPES[extname(name)] ?? "image/svg+xml" });
        response.end(isFound ? content : "");
      });
      await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
      folder = `http://127.0.0.1:${(site.address() as AddressInfo).port}/tools/mqtt/`;
    });
    afterAll(() => void site?.close());

    test("it works from a folder, with files from there alone", async () => {
      const page = await place().openPage({}, folder);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("websocket", (socket) => asked.push(socket.url()));
      await page.reload();
      await page.getByLabel("Address").fill(place().broker.webSocketUrl);
      await connectPage(page);
      await place().peer.publish("elsewhere/a", '{"n":1}', { qos: 1 });
      await page.getByRole("option").filter({ hasText: "elsewhere/a" }).click();
      await page.getByRole("button", { name: /^Plot n / }).click();
      for (const name of ["Plots", "Retained", "Requests"]) await page.getByRole("tab", { name }).click();
      expect(asked.filter((url) => !url.startsWith(folder))).toEqual([place().broker.webSocketUrl]);
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
