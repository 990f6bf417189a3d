import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { type Bench, connectPage, type TestPage } from "../bench.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Rules that the page breaks, each with the elements that do. */
async function violations(page: Page): Promise<string[]> {
  // The policy of the page allows no inline script; the protocol of the browser's tools is not bound by it.
  await page.evaluate(readFileSync(AXE, "utf8"));
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
    const THEMES = ["light", "dark"] as const;
    const WIDE = { width: 1440, height: 900 };
    const NARROW = { width: 390, height: 800 };

    test.each(THEMES)("axe finds nothing in the form of a connection and in dialogs, %s", async (colorScheme) => {
      const page = await place().openPage({ colorScheme });
      const form = page.getByRole("form", { name: "Connection" });
      expect(await violations(page)).toEqual([]);
      await form.getByText("Limits and properties").click();
      await form.getByText("Will (off)").click();
      await form.getByLabel("Let the server publish").check();
      await form.getByText("Properties", { exact: true }).click();
      await form.getByLabel("Address").fill("nonsense");
      await form.getByRole("button", { name: "Connect" }).click();
      await page.getByRole("alert").waitFor();
      expect(await violations(page)).toEqual([]);
      await form.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.reload();
      await connectPage(page);
      await page.getByRole("button", { name: "What the server says" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });

    test.each([
      ["light", "wide", WIDE],
      ["dark", "wide", WIDE],
      ["light", "narrow", NARROW],
    ] as const)("axe finds nothing on any part, %s and %s", async (colorScheme, width, viewport) => {
      const { peer } = place();
      await peer.publish("axe/kept", "x", { qos: 1, retain: true });
      const page = await place().openPage({ colorScheme, viewport });
      const showPart = async (name: string) => {
        const tab = page.getByRole("tab", { name: new RegExp(`^${name}`) });
        if (await tab.isVisible()) await tab.click();
      };
      const check = async (part: string) => expect(await violations(page), part).toEqual([]);
      await connectPage(page);
      for (const t of [1, 2]) {
        await peer.publish("axe/here", `{"t":${t},"name":"n","on":true}`, {
          qos: 1,
          properties: { contentType: "application/json", userProperties: [["a", "b"]] },
        });
      }
      await page.getByRole("option").filter({ hasText: '"t":2' }).click();
      await page.getByRole("button", { name: /^Plot t / }).click();
      await check("value");
      await page.getByRole("button", { name: "Changes" }).click();
      await page.locator("ins").waitFor();
      await check("changes");
      await showPart("Topics");
      await page.getByRole("button", { name: "New subscription" }).click();
      await page.getByText("More options").click();
      await page.getByRole("form", { name: "Subscribe" }).getByLabel("Topic filter").fill("#");
      await check("topics");
      await showPart("Publish");
      const form = page.getByRole("form", { name: "Publish a message" });
      await form.getByText("Properties", { exact: true }).click();
      await form.getByLabel("Topic", { exact: true }).fill("axe/out");
      await form.getByRole("button", { name: "Publish" }).click();
      await page.getByText("Published 0 B to axe/out").waitFor();
      await check("publish");
      await showPart("Messages");
      await check("messages");
      await showPart("Plots");
      await page.locator(".plot canvas").waitFor();
      await check("plots");
      await showPart("Retained");
      await check("retained, empty");
      await page.getByRole("button", { name: "Browse" }).click();
      await page.getByRole("listbox", { name: "Retained messages" }).getByText("axe/kept").waitFor();
      await check("retained");
      await showPart("Requests");
      const ask = page.getByRole("form", { name: "Send a request" });
      await ask.getByLabel("Topic", { exact: true }).fill("axe/nobody");
      await ask.getByLabel("Wait at most").fill("1");
      await ask.getByRole("button", { name: "Send request" }).click();
      await page.locator('[data-outcome="failed"]').waitFor();
      await check("requests");
      await peer.publish("axe/kept", "", { retain: true });
      expect(page.errors, width).toEqual([]);
      await page.context().close();
    });

    test("connect, subscribe, publish and look at the value, by the keyboard alone", async () => {
      const page = await place().openPage();
      /** Goes on by Tab, as often as it takes, to what has the focus under this name. */
      const tabTo = async (role: Parameters<TestPage["getByRole"]>[0], name: string | RegExp) => {
        const wanted = page.getByRole(role, { name, exact: typeof name === "string" });
        for (let step = 0; step < 80; step += 1) {
          await page.keyboard.press("Tab");
          if (await wanted.and(page.locator(":focus")).count()) return;
        }
        throw new Error(`Tab never comes to ${role} ${name}`);
      };
      await tabTo("button", "Connect");
      await page.keyboard.press("Enter");
      await page.getByText(/^Connected, MQTT/).waitFor();

      await tabTo("button", "New subscription");
      await page.keyboard.press("Enter");
      await tabTo("textbox", "Topic filter");
      await page.keyboard.type("keyboard/+");
      await tabTo("combobox", "QoS");
      await page.keyboard.press("1");
      await page.keyboard.press("Control+Enter");
      await page.locator('.subscription[data-state="granted"]').getByText("keyboard/+").waitFor();

      await tabTo("textbox", "Topic");
      await page.keyboard.type("keyboard/a");
      await page.keyboard.press("Tab");
      await page.keyboard.type('{"typed":1}');
      await page.keyboard.press("Control+Enter");
      await page.locator(".message-received").getByText('{"typed":1}').waitFor();

      await tabTo("listbox", "Messages");
      await page.keyboard.press("End");
      await page.getByRole("region", { name: "Payload" }).getByText('"typed": 1').waitFor();
      await tabTo("button", /^Plot typed/);
      await page.keyboard.press("Space");
      await tabTo("tab", "Messages");
      await page.keyboard.press("ArrowRight");
      await page.getByRole("img", { name: "keyboard/a typed over time" }).waitFor();
      expect(page.errors).toEqual([]);
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
