/** The page in headless Chromium, served by the real broker app. One file, since all of it shares one build and one browser. */
import { afterAll, beforeAll, describe } from "vitest";
import { Bench, hasChromium } from "./bench.js";
import { accessibilitySuite } from "./suites/accessibility.js";
import { connectionsSuite } from "./suites/connections.js";
import { loadSuite } from "./suites/load.js";
import { messagesSuite } from "./suites/messages.js";
import { requestsSuite } from "./suites/requests.js";
import { retainedSuite } from "./suites/retained.js";
import { servingSuite } from "./suites/serving.js";
import { topicsSuite } from "./suites/topics.js";

describe.skipIf(!hasChromium)("the web client", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
  }, 60_000);
  afterAll(() => bench?.close());

  const place = () => bench;
  servingSuite(place);
  connectionsSuite(place);
  messagesSuite(place);
  topicsSuite(place);
  retainedSuite(place);
  requestsSuite(place);
  accessibilitySuite(place);
  loadSuite(place);
});
