import { describe, expect, test } from "vitest";
import type { Bench } from "../bench.js";

export function retainedSuite(place: () => Bench): void {
  describe("retained messages", () => {
    test("are browsed by a filter and deleted, marked ones or all", async () => {
      const { peer } = place();
      for (const name of ["a", "b", "c"]) await peer.publish(`kept/${name}`, `value ${name}`, { qos: 1, retain: true });
      const page = await place().openConnected();
      await page.getByRole("tab", { name: "Retained" }).click();
      await page.getByLabel("Topic filter").fill("kept/#");
      await page.getByRole("button", { name: "Browse" }).click();
      await page.getByText("3 found").waitFor();
      const list = page.getByRole("listbox", { name: "Retained messages" });
      await list.getByRole("option").filter({ hasText: "kept/b" }).click();
      await page.getByRole("region", { name: "Payload" }).getByText("value b").waitFor();

      await list.focus();
      await page.keyboard.press("Space");
      await page.getByRole("button", { name: "Delete 1 marked" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByText("1 retained message deleted.").waitFor();
      expect(await list.getByRole("option").count()).toBe(2);
      await page.getByRole("button", { name: "Delete all shown" }).click();
      await page.getByRole("dialog").getByText("kept/a, kept/c").waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByText("2 retained messages deleted.").waitFor();

      const left: string[] = [];
      const subscription = await peer.subscribe("kept/#", { handler: ({ topic }) => void left.push(topic) });
      await peer.publish("kept/end", "", { qos: 1 });
      await expect.poll(() => left).toEqual(["kept/end"]);
      await subscription.unsubscribe();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
