import { describe, expect, test } from "vitest";
import { type Bench, figure } from "../bench.js";

const RATE = 5_000;
const SECONDS = 3;
const TICK_MS = 20;

export function loadSuite(place: () => Bench): void {
  describe("under load", () => {
    test("5,000 messages a second: everything is counted, the page answers, and what it keeps is bounded", async () => {
      const page = await place().openConnected();
      const { peer } = place();
      const total = RATE * SECONDS;
      let sent = 0;
      const publish = (): void => {
        const { temperature } = { temperature: 20 + (sent % 100) / 10 };
        const topic = `load/${sent % 40}/${sent % 7}`;
        void peer.publish(topic, JSON.stringify({ temperature, sent, filler: "x".repeat(100) }), {
          qos: sent % 2 ? 1 : 0,
        });
        sent += 1;
      };
      publish();
      await page.locator('[data-topic="load/0"]').waitFor();
      await page.getByRole("button", { name: "Open all topics" }).click();
      await page.locator('[data-topic="load/0/0"]').click();
      await page.getByRole("button", { name: /^Plot temperature/ }).click();

      const done = new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          for (let count = 0; count < (RATE * TICK_MS) / 1_000 && sent < total; count += 1) publish();
          if (sent < total) return;
          clearInterval(timer);
          resolve();
        }, TICK_MS);
      });
      // The page is used all the while.
      await page.getByRole("searchbox", { name: "Search messages" }).fill("load topic:/3/");
      await page.getByRole("tab", { name: /^Plots/ }).click();
      await page.getByRole("img", { name: /over time/ }).waitFor();
      await page.getByRole("tab", { name: "Messages" }).click();
      await page.getByRole("searchbox", { name: "Search messages" }).fill("");
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: /Resume \(.*new\)/ }).click();
      await done;
      await expect.poll(() => figure(page, "received"), { timeout: 20_000 }).toBe(total);

      // Rows beyond the window are not in the page.
      expect(await page.getByRole("listbox", { name: "Messages" }).getByRole("option").count()).toBeLessThan(80);
      expect(await page.getByRole("treeitem").count()).toBeLessThan(80);
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("more than fits: the newest messages stay, the rest is counted", async () => {
      const page = await place().openConnected();
      const { peer } = place();
      const total = 70_000;
      for (let sent = 0; sent < total; sent += 1) {
        const publishing = peer.publish(`flood/${sent}`, "x", { qos: 1 });
        if (sent % 500 === 499) await publishing;
      }
      const counts = async () => [
        await figure(page, "received"),
        await figure(page, "let go"),
        await figure(page, "not in tree"),
      ];
      await expect.poll(counts, { timeout: 30_000 }).toEqual([total, total - 50_000, total - 19_999]);
      const list = page.getByRole("listbox", { name: "Messages" });
      await list.getByText(`flood/${total - 1}`).waitFor();
      await list.focus();
      await page.keyboard.press("Home");
      await list.getByText(`flood/${total - 50_000}`).waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
