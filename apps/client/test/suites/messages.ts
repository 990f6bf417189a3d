import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Bench } from "../bench.js";

export function messagesSuite(place: () => Bench): void {
  describe("messages", () => {
    test("are published with every option and property", async () => {
      const page = await place().openConnected();
      const arrived = new Promise<Record<string, unknown>>((resolve) => {
        void place().peer.subscribe("out/everything", {
          qos: 2,
          retainAsPublished: true,
          handler: (message) => {
            if (message.payloadLength === 0) return;
            resolve({ text: message.text(), qos: message.qos, retain: message.retain, ...message.properties });
          },
        });
      });
      const form = page.getByRole("form", { name: "Publish a message" });
      await form.getByLabel("Topic", { exact: true }).fill("out/everything");
      await form.getByLabel("Payload", { exact: true }).fill('{"on":true}');
      await form.getByLabel("Typed as").selectOption("json");
      await form.getByLabel("QoS").selectOption("2");
      await form.getByLabel("Retain").check();
      await form.getByText(/^Properties/).click();
      await form.getByLabel("Content type").fill("application/json");
      await form.getByLabel("Expires after").fill("600");
      await form.getByLabel("Payload is UTF-8").check();
      await form.getByLabel("Response topic").fill("back/here");
      await form.getByLabel("Correlation data").fill("0x0102");
      await form.getByLabel("User properties").fill("a=1\na=2");
      await form.getByRole("button", { name: "Publish" }).click();
      await page.getByText("Published 11 B to out/everything").waitFor();
      expect(await arrived).toEqual({
        text: '{"on":true}',
        qos: 2,
        retain: true,
        contentType: "application/json",
        messageExpiryInterval: expect.any(Number),
        payloadFormatIndicator: 1,
        responseTopic: "back/here",
        correlationData: new Uint8Array([1, 2]),
        userProperties: [
          ["a", "1"],
          ["a", "2"],
        ],
      });
      await place().peer.publish("out/everything", "", { retain: true });
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("a payload that is not what it should be is not sent", async () => {
      const page = await place().openConnected();
      const form = page.getByRole("form", { name: "Publish a message" });
      await form.getByLabel("Topic", { exact: true }).fill("out/bad");
      await form.getByLabel("Payload", { exact: true }).fill("{");
      await form.getByLabel("Typed as").selectOption("json");
      await form.getByRole("button", { name: "Publish" }).click();
      await form.getByRole("alert").getByText("not JSON").waitFor();
      await page.context().close();
    });

    test("come in by their subscriptions, with colours, and can be searched, paused, exported and cleared", async () => {
      const page = await place().openConnected();
      await page.getByRole("button", { name: "New subscription" }).click();
      const form = page.getByRole("form", { name: "Subscribe" });
      await form.getByLabel("Topic filter").fill("list/+/a");
      await form.getByLabel("QoS").selectOption("1");
      await form.getByText("More options").click();
      await form.getByLabel("Identifier").fill("7");
      await form.getByLabel("Colour 5").check();
      await form.getByRole("button", { name: "Subscribe" }).click();
      const row = page.getByRole("listitem").filter({ hasText: "list/+/a" });
      await row.getByText("Q1").waitFor();
      expect(await row.getAttribute("data-colour")).toBe("4");

      await place().peer.publish("list/1/a", "first words", { qos: 1 });
      await place().peer.publish("list/2/b", "other words", { qos: 1 });
      const list = page.getByRole("listbox", { name: "Messages" });
      await list.getByRole("option").filter({ hasText: "other words" }).waitFor();
      const rows = { first: "first words", other: "other words" };
      const colourOf = (text: string) => list.getByRole("option").filter({ hasText: text }).getAttribute("data-colour");
      // Both match `#`; the subscription that says more about a topic gives its colour.
      expect([await colourOf(rows.first), await colourOf(rows.other)]).toEqual(["4", "0"]);

      await page.getByRole("searchbox", { name: "Search messages" }).fill("topic:list/1");
      await list.getByRole("option").filter({ hasText: "other words" }).waitFor({ state: "detached" });
      expect(await list.getByRole("option").count()).toBe(1);
      await page.getByRole("searchbox", { name: "Search messages" }).fill("");

      await page.getByRole("button", { name: "Pause" }).click();
      await place().peer.publish("list/3/c", "while paused", { qos: 1 });
      await page.getByRole("button", { name: /Resume \(1 new\)/ }).waitFor();
      expect(await list.getByText("while paused").count()).toBe(0);
      await page.getByRole("button", { name: /Resume/ }).click();
      await list.getByText("while paused").waitFor();

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Export" }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^messages-.*\.jsonl$/);
      const lines = readFileSync(await download.path(), "utf8")
        .trimEnd()
        .split("\n");
      expect(lines.map((line) => JSON.parse(line).payload).slice(-3)).toEqual([
        "first words",
        "other words",
        "while paused",
      ]);

      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByText("No messages yet.").waitFor();
      await page.getByRole("button", { name: "Unsubscribe from list/+/a" }).click();
      await row.waitFor({ state: "detached" });
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("subscriptions come back with the page, edited ones changed", async () => {
      const page = await place().openConnected();
      await page.getByRole("button", { name: "Edit #" }).click();
      const form = page.getByRole("form", { name: "Subscribe" });
      await form.getByLabel("QoS").selectOption("2");
      await form.getByRole("button", { name: "Subscribe" }).click();
      const row = page.getByRole("region", { name: "Subscriptions" }).getByRole("listitem");
      await row.getByText("Q2").waitFor();
      expect(await row.count()).toBe(1);
      await page.reload();
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await row.getByText("Q2").waitFor();
      await place().peer.publish("again/once", "once", { qos: 1 });
      await page.getByRole("option").filter({ hasText: "again/once" }).waitFor();
      expect(await page.getByRole("option").filter({ hasText: "again/once" }).count()).toBe(1);
      await page.context().close();
    });
  });
}
