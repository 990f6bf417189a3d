import { describe, expect, test } from "vitest";
import type { Bench } from "../bench.js";

export function requestsSuite(place: () => Bench): void {
  describe("requests", () => {
    test("are answered by others, and by the page", async () => {
      const { peer } = place();
      await peer.respond("service/double", (request) => `${request.json<number>() * 2}`);
      const page = await place().openConnected();
      await page.getByRole("tab", { name: "Requests" }).click();
      const ask = page.getByRole("form", { name: "Send a request" });
      await ask.getByLabel("Topic", { exact: true }).fill("service/double");
      await ask.getByLabel("Payload", { exact: true }).fill("21");
      await ask.getByRole("button", { name: "Send request" }).click();
      const sent = page.getByRole("region", { name: "Requests sent" });
      await sent.getByText(/^Answered after/).waitFor();
      expect(await sent.getByRole("region", { name: "Payload" }).textContent()).toBe("42");

      await ask.getByLabel("Topic", { exact: true }).fill("service/nobody");
      await ask.getByLabel("Wait at most").fill("1");
      await ask.getByRole("button", { name: "Send request" }).click();
      await sent.locator('[data-outcome="failed"]').waitFor();

      const answer = page.getByRole("form", { name: "Answer requests" });
      await answer.getByLabel("Requests on").fill("page/echo");
      await answer.getByRole("button", { name: "Start answering" }).click();
      await answer.getByText("0 answered").waitFor();
      const response = await peer.request("page/echo", "hello page");
      expect(response.text()).toBe("hello page");
      await answer.getByText("1 answered").waitFor();
      await answer.getByRole("button", { name: "Stop answering page/echo" }).click();
      await answer.getByText("page/echo").waitFor({ state: "detached" });
      expect(page.errors).toEqual([]);
      await page.context().close();
    });
  });
}
