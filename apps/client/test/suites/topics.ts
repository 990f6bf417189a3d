import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import { describe, expect, test } from "vitest";
import type { Bench } from "../bench.js";

export function topicsSuite(place: () => Bench): void {
  describe("topics", () => {
    test("form a live tree with values and counts, and a value shows what changed", async () => {
      const page = await place().openConnected();
      const { peer } = place();
      await peer.publish("tree/room/climate", '{"temperature":20,"humidity":40}', { qos: 1 });
      const tree = page.getByRole("tree");
      await tree.locator('[data-topic="tree"]').waitFor();
      await page.getByRole("button", { name: "Open all topics" }).click();
      const leaf = tree.locator('[data-topic="tree/room/climate"]');
      await leaf.click();
      const value = page.getByRole("region", { name: "Value" });
      await value.getByText('"temperature": 20').waitFor();
      await value.getByRole("button", { name: "Changes" }).click();
      await value.getByText("no earlier value").waitFor();

      await peer.publish("tree/room/climate", '{"temperature":21,"humidity":40}', { qos: 1 });
      await value.locator("ins").getByText('"temperature": 21').waitFor();
      expect(await value.locator("del").textContent()).toContain('"temperature": 20');
      expect(await leaf.locator(".topic-count").textContent()).toMatch(/2$/);

      await page.getByRole("searchbox", { name: "Search topics" }).fill("nowhere");
      await page.getByText("No topic matches.").waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("numbers are plotted over time, beginning with what was seen", async () => {
      const page = await place().openConnected();
      const { peer } = place();
      for (const temperature of [20, 22]) {
        await peer.publish("plot/me", JSON.stringify({ in: { temperature } }), { qos: 1 });
        await page
          .getByRole("option")
          .filter({ hasText: `"temperature":${temperature}` })
          .waitFor();
      }
      await page.locator('[data-topic="plot"] .twist').waitFor();
      await page.locator('[data-topic="plot/me"]').click();
      await page.getByRole("button", { name: /^Plot in.temperature/ }).click();
      await page.getByRole("tab", { name: /^Plots/ }).click();
      await page.getByRole("img", { name: "plot/me in.temperature over time" }).locator("canvas").waitFor();
      await peer.publish("plot/me", '{"in":{"temperature":27}}', { qos: 1 });
      await page.locator(".plot-figures").getByText("27").first().waitFor();
      expect(await page.locator(".plot-figures").textContent()).toMatch(/last27min20max27mean23points3/);
      await page.getByRole("button", { name: "Remove the plot of plot/me in.temperature" }).click();
      await page.getByText("Nothing is plotted.").waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("CBOR, MessagePack and bytes are shown as what they are", async () => {
      const page = await place().openConnected();
      const { peer } = place();
      await peer.publish("bytes/cbor", encodeCbor({ cbor: [1, 2] }), { qos: 1 });
      await peer.publish("bytes/msgpack", encodeMsgpack({ msgpack: [1.5] }), { qos: 1 });
      await peer.publish("bytes/raw", new Uint8Array([0xff, 0x00]), { qos: 1 });
      const payload = page.getByRole("region", { name: "Payload" });
      for (const [topic, text] of [
        ["bytes/cbor", '"cbor": ['],
        ["bytes/msgpack", '"msgpack": ['],
        ["bytes/raw", "000000  ff 00"],
      ]) {
        await page.locator(`[data-topic="${topic}"]`).click();
        await payload.getByText(text).waitFor();
      }
      await page.getByLabel("Payload format").selectOption("json");
      await page.getByText(/^Not JSON: /).waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
