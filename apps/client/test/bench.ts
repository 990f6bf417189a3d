/** The real broker app with the built page on its port, Debian's Chromium before it, and a client beside it. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Client, connect } from "@tidings/client";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { type RunningBroker, startBroker } from "../../broker/test/start-broker.js";

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Without Chromium these tests are skipped, but not in CI. */
export const hasChromium = existsSync(EXECUTABLE) || process.env["CI"] === "true";

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });

export class Bench {
  private constructor(
    readonly broker: RunningBroker,
    readonly browser: Browser,
    /** Publishes and subscribes from outside of the browser. */
    readonly peer: Client,
  ) {}

  static async open(): Promise<Bench> {
    await build({ configFile: fileURLToPath(new URL("../vite.config.ts", import.meta.url)), logLevel: "error" });
    const [broker, browser] = await Promise.all([startBroker(), launchChromium()]);
    return new Bench(broker, browser, await connect(broker.url));
  }

  async close(): Promise<void> {
    await this.peer.close();
    await this.browser.close();
    await this.broker.stop();
  }

  /** Where the broker shows the page. */
  get pageUrl(): string {
    const { host } = new URL(this.broker.webSocketUrl);
    return `http://${host}/`;
  }

  /** A browser that has never been here. What the page logs as an error, or throws, fails `expectQuiet`. */
  async openPage(options: BrowserContextOptions = {}): Promise<TestPage> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(this.pageUrl);
    return Object.assign(page, { errors });
  }

  /** A page with an open connection and `#` subscribed. */
  async openConnected(options: BrowserContextOptions = {}): Promise<TestPage> {
    const page = await this.openPage(options);
    await connectPage(page);
    return page;
  }
}

export type TestPage = Page & { readonly errors: string[] };

export async function connectPage(page: Page): Promise<void> {
  await page.getByRole("form", { name: "Connection" }).getByRole("button", { name: "Connect" }).click();
  await page.getByText(/^Connected, MQTT/).waitFor();
  await page.locator('.subscription[data-state="granted"]').first().waitFor({ state: "attached" });
}

/** The text of a figure in the header. */
export const figure = async (page: Page, name: string): Promise<number> =>
  Number((await page.locator(`[data-figure="${name}"]`).textContent())?.replace(/\D/g, "") ?? Number.NaN);
