/** What stays bounded however much comes. How smooth it is meanwhile is measured by `bench/smoothness.ts`. */
import { describe, expect, test } from "vitest";
import { type Bench, figure, type TestPage } from "../bench.js";

export function loadSuite(place: () => Bench): void {
  /** In portions that wait for the page, so that the server never has to drop what goes out with QoS 0. */
  async function publishAll(page: TestPage, total: number, portion: number, topicOf: (index: number) => string) {
    const before = await figure(page, "received");
    for (let sent = 0; sent < total; ) {
      for (const end = Math.min(total, sent + portion); sent < end; sent += 1) {
        const payload = JSON.stringify({ temperature: 20 + (sent % 100) / 10, sent, filler: "x".repeat(100) });
        void place().peer.publish(topicOf(sent), payload);
      }
      await expect.poll(() => figure(page, "received"), { timeout: 15_000 }).toBe(before + sent);
    }
  }

  describe("under load", () => {
    test("everything is counted while the page is used, and only rows in sight are in it", async () => {
      const page = await place().openConnected();
      const topicOf = (index: number) => `load/${index % 40}/${index % 7}`;
      await publishAll(page, 1, 1, topicOf);
      await page.getByRole("button", { name: "Open all topics" }).click();
      await page.locator('[data-topic="load/0/0"]').click();
      await page.getByRole("button", { name: /^Plot temperature/ }).click();
      const publishing = publishAll(page, 15_000, 1_000, topicOf);
      await page.getByRole("searchbox", { name: "Search messages" }).fill("load topic:/3/");
      await page.getByRole("tab", { name: /^Plots/ }).click();
      await page.getByRole("img", { name: /over time/ }).waitFor();
      await page.getByRole("tab", { name: "Messages" }).click();
      await page.getByRole("searchbox", { name: "Search messages" }).fill("");
      await page.getByRole("button", { name: "Pause" }).click();
      await publishing;
      await page.getByRole("button", { name: /Resume/ }).click();
      await page.getByRole("listbox", { name: "Messages" }).getByText('"sent":14999').waitFor();
      expect(await page.getByRole("option").count()).toBeLessThan(80);
      expect(await page.getByRole("treeitem").count()).toBeLessThan(80);
      expect(await page.locator("*").count()).toBeLessThan(2_000);
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("more than fits: the newest messages stay, the rest is counted", async () => {
      const page = await place().openConnected();
      const total = 60_000;
      await publishAll(page, total, 5_000, (index) => `flood/${index}`);
      const counts = async () => [await figure(page, "let go"), await figure(page, "not in tree")];
      await expect.poll(counts).toEqual([total - 50_000, total - 19_999]);
      const list = page.getByRole("listbox", { name: "Messages" });
      await list.getByText(`flood/${total - 1}`, { exact: true }).waitFor();
      await list.focus();
      await page.keyboard.press("Home");
      await list.getByText(`flood/${total - 50_000}`, { exact: true }).waitFor();
      expect(await page.locator("*").count()).toBeLessThan(2_000);
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
