import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { type Bench, connectPage } from "../bench.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Rules that the page breaks, each with the elements that do. */
async function violations(page: Page): Promise<string[]> {
  // The policy of the page allows no inline script; the protocol of the browser's tools is not bound by it.
  const source = (await import("node:fs")).readFileSync(AXE, "utf8");
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      nodes: { target: string[]; failureSummary: string }[];
    }
    const result = await axe.run();
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`),
    );
  });
}

export function accessibilitySuite(place: () => Bench): void {
  describe("for everybody", () => {
    test.each(["light", "dark"] as const)("axe finds nothing on any part, %s", async (colorScheme) => {
      const page = await place().openPage({ colorScheme });
      expect(await violations(page)).toEqual([]);
      await connectPage(page);
      await place().peer.publish("axe/here", '{"t":1}', { qos: 1 });
      await page.getByRole("option").filter({ hasText: "axe/here" }).click();
      await page.getByRole("button", { name: /^Plot t / }).click();
      await page.getByRole("button", { name: "New subscription" }).click();
      for (const name of [/^Messages/, /^Plots/, /^Retained/, /^Requests/]) {
        await page.getByRole("tab", { name }).click();
        expect(await violations(page)).toEqual([]);
      }
      await page.context().close();
    });

    test("everything goes without a mouse", async () => {
      const page = await place().openPage();
      await page.getByLabel("Address").focus();
      await page.keyboard.press("Enter"); // the form's own button
      await page.getByText(/^Connected/).waitFor();
      for (const topic of ["keys/a", "keys/b/c"]) await place().peer.publish(topic, topic, { qos: 1 });
      const tree = page.getByRole("tree");
      await tree.locator('[data-topic="keys/b"]').waitFor();
      await page.getByRole("searchbox", { name: "Search topics" }).fill("keys");
      await tree.locator('[data-topic="keys/b/c"]').waitFor();
      await page.getByRole("searchbox", { name: "Search topics" }).fill("");
      await tree.focus();
      const active = () => tree.locator('[aria-selected="true"]').getAttribute("data-topic");
      await page.keyboard.press("Home");
      for (let step = 0; step < 40 && (await active()) !== "keys"; step += 1) await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      expect(await active()).toBe("keys/a");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight"); // opens
      await page.keyboard.press("ArrowRight"); // goes in
      expect(await active()).toBe("keys/b/c");
      expect(await tree.getAttribute("aria-activedescendant")).toBe(
        await tree.locator('[aria-selected="true"]').getAttribute("id"),
      );
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft"); // closes
      await tree.locator('[data-topic="keys/b/c"]').waitFor({ state: "detached" });

      await page.getByRole("tab", { name: "Messages" }).focus();
      await page.keyboard.press("ArrowRight");
      expect(await page.getByRole("tab", { selected: true }).textContent()).toMatch(/^Plots/);
      await page.keyboard.press("Home");
      await page.getByRole("listbox", { name: "Messages" }).focus();
      await page.keyboard.press("End");
      await page.getByRole("region", { name: "Payload" }).getByText("keys/b/c").waitFor();
      await page.keyboard.press("ArrowUp");
      await page.getByRole("region", { name: "Payload" }).getByText("keys/a").waitFor();
      await page.getByRole("button", { name: /^Resume/ }).waitFor();
      await page.context().close();
    });

    test("on a narrow page each part has a place of its own", async () => {
      const page = await place().openConnected({ viewport: { width: 390, height: 800 } });
      await place().peer.publish("narrow/topic", "1", { qos: 1 });
      await page.getByRole("option").filter({ hasText: "narrow/topic" }).click();
      await page.getByRole("region", { name: "Value" }).getByText("narrow/topic").waitFor();
      await page.getByRole("button", { name: "Publish to this topic" }).click();
      const topic = page.getByRole("form", { name: "Publish a message" }).getByLabel("Topic", { exact: true });
      expect(await topic.inputValue()).toBe("narrow/topic");
      for (const name of ["Topics", "Plots", "Retained", "Requests", "Messages"]) {
        await page.getByRole("tab", { name }).click();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, name).toBeLessThanOrEqual(0);
      }
      await page.context().close();
    });

    test("the colours follow the system until somebody chooses", async () => {
      const page = await place().openPage({ colorScheme: "dark" });
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await background();
      await page.getByRole("button", { name: "Colours: auto. Change" }).click();
      const light = await background();
      expect(light).not.toBe(dark);
      await page.reload();
      expect(await background()).toBe(light);
      await page.context().close();
    });
  });
}
