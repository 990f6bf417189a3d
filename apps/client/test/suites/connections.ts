import { describe, expect, test } from "vitest";
import { type Bench, connectPage } from "../bench.js";

export function connectionsSuite(place: () => Bench): void {
  describe("connections", () => {
    test("the first visit is one click from the broker it came from", async () => {
      const page = await place().openPage();
      expect(await page.getByLabel("Address").inputValue()).toBe(place().broker.webSocketUrl);
      await connectPage(page);
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByText("Not connected").waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("are saved with everything but the password, which its owner may have saved as well", async () => {
      const page = await place().openPage();
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "Connection" });
      await form.getByLabel("Name", { exact: true }).fill("Workshop");
      await form.getByLabel("User name").fill("anna");
      await form.getByLabel("Password", { exact: true }).fill("secret");
      await form.getByText("Limits and properties").click();
      await form.getByLabel("Receive Maximum").fill("20");
      await form.getByRole("button", { name: "Save", exact: true }).click();
      await page.reload();
      await page.getByRole("navigation").getByText("Workshop").waitFor();
      expect(await form.getByLabel("Name", { exact: true }).inputValue()).toBe("Workshop");
      expect(await form.getByLabel("User name").inputValue()).toBe("anna");
      expect(await form.getByLabel("Password", { exact: true }).inputValue()).toBe("");
      expect(await form.getByLabel("Receive Maximum").inputValue()).toBe("20");

      await form.getByLabel("Password", { exact: true }).fill("secret");
      await form.getByLabel("Save the password").check();
      await form.getByRole("button", { name: "Save", exact: true }).click();
      await page.reload();
      expect(await form.getByLabel("Password", { exact: true }).inputValue()).toBe("secret");

      await form.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("navigation").getByText("Workshop").waitFor({ state: "detached" });
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("what cannot be used is told at its field", async () => {
      const page = await place().openPage();
      await page.getByLabel("Address").fill("mqtt://127.0.0.1");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByRole("alert").getByText("only reach ws:// and wss://").waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("url");
      await page.context().close();
    });

    test("a server that is not there is tried again and again, until told to stop", async () => {
      const page = await place().openPage();
      await page.getByLabel("Address").fill("ws://127.0.0.1:9/mqtt");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText(/^Trying again: /).waitFor();
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByText("Not connected").waitFor();
      await page.context().close();
    });

    test("3.1.1 and a will work as well", async () => {
      const page = await place().openPage();
      const form = page.getByRole("form", { name: "Connection" });
      await form.getByLabel("MQTT version").selectOption({ label: "3.1.1" });
      await form.getByText("Will (off)").click();
      await form.getByLabel("Let the server publish").check();
      await form.getByLabel("Topic", { exact: true }).fill("page/gone");
      await form.getByLabel("Payload", { exact: true }).fill("goodbye");
      await connectPage(page);
      await page.getByText("Connected, MQTT 3.1.1").waitFor();
      const will = new Promise<string>((resolve) => {
        void place().peer.subscribe("page/gone", { handler: (message) => resolve(message.text()) });
      });
      await page.context().close(); // without a goodbye
      expect(await will).toBe("goodbye");
    });
  });
}
