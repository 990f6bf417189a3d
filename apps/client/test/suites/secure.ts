/** TLS and SCRAM from the page, against a broker with a certificate of the tests' own. */

import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import { SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, connectPage, type TestPage } from "../bench.js";
import { scramHooks } from "../scram-hooks.js";

export function secureSuite(place: () => Bench): void {
  describe("over TLS", () => {
    let server: BrokerServer;
    let url: string;

    beforeAll(async () => {
      server = await createBrokerServer({ hooks: [scramHooks("anna", "pencil, émile")] });
      const tls = { cert: SERVER_CERTIFICATE, key: SERVER_KEY };
      ({ url } = await server.listenWebSocket({ host: "127.0.0.1", port: 0, tls }));
    });
    afterAll(() => server?.close(0));

    async function fillScram(page: TestPage, password: string): Promise<void> {
      const form = page.getByRole("form", { name: "Connection" });
      await form.getByLabel("Address").fill(url);
      await form.getByLabel("User name").fill("anna");
      await form.getByLabel("Password", { exact: true }).fill(password);
      await form.getByLabel("Authentication").selectOption({ label: "SCRAM-SHA-256" });
    }

    test("wss:// with SCRAM-SHA-256: both sides prove the password, and messages go both ways", async () => {
      expect(url).toMatch(/^wss:/);
      const page = await place().openPage({ ignoreHTTPSErrors: true });
      await fillScram(page, "pencil, émile");
      await connectPage(page);
      const form = page.getByRole("form", { name: "Publish a message" });
      await form.getByLabel("Topic", { exact: true }).fill("over/tls");
      await form.getByLabel("Payload", { exact: true }).fill("private");
      await form.getByLabel("QoS").selectOption("2");
      await form.getByRole("button", { name: "Publish" }).click();
      const list = page.getByRole("listbox", { name: "Messages" });
      await list.locator(".message-received").getByText("private").waitFor();
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test("a wrong password ends it, and is told", async () => {
      const page = await place().openPage({ ignoreHTTPSErrors: true });
      await fillScram(page, "pencil");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText(/^Not connected: .*not authorized/i).waitFor();
      await page.context().close();
    });

    test("a certificate that the browser does not trust is no connection", async () => {
      const page = await place().openPage();
      await fillScram(page, "pencil, émile");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText(/^Trying again: /).waitFor();
      expect(page.errors.join()).toContain("ERR_CERT_AUTHORITY_INVALID");
      await page.context().close();
    });
  });

  test("over plain HTTP from another machine everything works but what browsers keep from such pages", async () => {
    const page = await place().openPage({}, place().pageUrl.replace("127.0.0.1", "broker.test"));
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    const form = page.getByRole("form", { name: "Connection" });
    await form.getByLabel("Authentication").selectOption({ label: "SCRAM-SHA-256" });
    await form.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("alert").getByText("only when it came over HTTPS").waitFor();
    await form.getByLabel("Authentication").selectOption({ label: "password in CONNECT" });
    await connectPage(page);
    await place().peer.publish("plain/http", "seen", { qos: 1 });
    await page.getByRole("option").filter({ hasText: "plain/http" }).click();
    await page.getByRole("button", { name: "Copy payload" }).click();
    await page.getByText("The browser does not let this page copy.").waitFor();
    // Chromium reports a header that it ignores on such pages.
    expect(page.errors.filter((error) => !error.startsWith("The Cross-Origin-Opener-Policy header"))).toEqual([]);
    await page.context().close();
  });
}
