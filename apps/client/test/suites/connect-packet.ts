/** What the form of a connection says, as it arrives at a server. */

import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import type { ConnectPacket } from "@tidings/packet";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bench, connectPage } from "../bench.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function connectPacketSuite(place: () => Bench): void {
  describe("CONNECT", () => {
    let server: BrokerServer;
    let url: string;
    let packets: ConnectPacket[];

    beforeAll(async () => {
      server = await createBrokerServer({
        hooks: [
          {
            authenticate: ({ connect, password }) => {
              packets.push({ ...connect, ...(password && { password: password.slice() }) });
              return 0;
            },
          },
        ],
      });
      ({ url } = await server.listenWebSocket({ host: "127.0.0.1", port: 0 }));
    });
    afterAll(() => server?.close(0));
    beforeEach(() => {
      packets = [];
    });

    test("says everything that 5.0 has, as it was typed", async () => {
      const page = await place().openPage();
      const form = page.getByRole("form", { name: "Connection" });
      const fill = (label: string, text: string) => form.getByLabel(label, { exact: true }).fill(text);
      await fill("Address", url);
      await fill("Client identifier", "page-1");
      await fill("User name", "anna");
      await fill("Password", "secret");
      await fill("Keep alive (s)", "33");
      await fill("Session expires after (s)", "600");
      await form.getByLabel("Clean Start").uncheck();
      await form.getByText("Limits and properties").click();
      await fill("Receive Maximum", "20");
      await fill("Maximum Packet Size (bytes)", "70000");
      await fill("Topic Alias Maximum", "9");
      await form.getByLabel("Request Problem Information").uncheck();
      await form.getByLabel("Request Response Information").check();
      await fill("User properties", "site=north\nsite=south");
      await form.getByText("Will (off)").click();
      await form.getByLabel("Let the server publish").check();
      await fill("Topic", "page/gone");
      await fill("Payload", '{"gone":true}');
      await form.getByLabel("Typed as").selectOption("json");
      await form.getByLabel("QoS").selectOption("1");
      await form.getByLabel("Retain", { exact: true }).check();
      await fill("Will delay (s)", "5");
      await form.getByText("Properties", { exact: true }).click();
      await fill("Content type", "application/json");
      await fill("Expires after (s)", "60");
      await form.getByLabel("Payload is UTF-8").check();
      await fill("Response topic", "page/back");
      await fill("Correlation data", "0x0102");
      await form.getByLabel("User properties").last().fill("why=lost");
      await connectPage(page);
      expect(packets).toEqual([
        expect.objectContaining({
          protocolVersion: 5,
          cleanStart: false,
          keepAlive: 33,
          clientIdentifier: "page-1",
          userName: "anna",
          password: bytes("secret"),
          properties: {
            sessionExpiryInterval: 600,
            receiveMaximum: 20,
            maximumPacketSize: 70_000,
            topicAliasMaximum: 9,
            requestProblemInformation: false,
            requestResponseInformation: true,
            userProperties: [
              ["site", "north"],
              ["site", "south"],
            ],
          },
          will: {
            topic: "page/gone",
            payload: bytes('{"gone":true}'),
            qos: 1,
            retain: true,
            properties: {
              willDelayInterval: 5,
              messageExpiryInterval: 60,
              contentType: "application/json",
              payloadFormatIndicator: 1,
              responseTopic: "page/back",
              correlationData: new Uint8Array([1, 2]),
              userProperties: [["why", "lost"]],
            },
          },
        }),
      ]);

      await page.getByRole("button", { name: "What the server says" }).click();
      const dialog = page.getByRole("dialog", { name: "What the server says" });
      await dialog.getByRole("row", { name: "Client identifier page-1" }).waitFor();
      await dialog.getByRole("row", { name: "Keep alive 33 s" }).waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(page.errors).toEqual([]);
      await page.context().close();
    });

    test.each([
      ["3.1.1", 4],
      ["3.1", 3],
    ] as const)("of %s is a plain one", async (label, protocolVersion) => {
      const page = await place().openPage();
      await page.getByLabel("Address").fill(url);
      await page.getByLabel("MQTT version").selectOption({ label });
      await connectPage(page);
      expect(packets).toEqual([expect.objectContaining({ protocolVersion, cleanStart: true, keepAlive: 60 })]);
      expect(packets[0].properties).toBeUndefined();
      await page.context().close();
    });
  });
}
