/** The real app with a configuration file of the test's own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Program } from "./program.js";
import { type LogRecord, runApp } from "./start-broker.js";
import { temporaryDirectory } from "./temporary-directory.js";

export class ConfiguredBroker {
  readonly directory = temporaryDirectory();
  readonly file = join(this.directory, "tidings.yaml");
  program!: Program;

  /** Objects become YAML; state is in memory unless they say where. */
  write(configuration: object | string): this {
    const text =
      typeof configuration === "string" ? configuration : stringify({ storage: { memory: true }, ...configuration });
    writeFileSync(this.file, text);
    return this;
  }

  /** Starts it, and waits until it listens everywhere. */
  async start(configuration: object, args: readonly string[] = []): Promise<this> {
    this.program = runApp(["--config", this.write(configuration).file, ...args]);
    const { listeners = [{}, {}] } = configuration as { listeners?: object[] };
    await this.recordsUntil("listening", (records) => records.filter(isListening).length >= listeners.length);
    return this;
  }

  /** `mqtts` gives the port of the first such listener. */
  port(scheme: string, nth = 0): number {
    const urls = this.records()
      .filter(isListening)
      .map(({ url }) => new URL(url as string));
    const found = urls.filter(({ protocol }) => protocol === `${scheme}:`)[nth];
    if (found === undefined) throw new Error(`no ${scheme} in ${urls.join()}`);
    return Number(found.port);
  }

  records(): LogRecord[] {
    return this.program.lines.entries.map((line) => JSON.parse(line) as LogRecord);
  }

  /** Writes another configuration and has it read; answers with what the log says of it. */
  async reload(configuration: object | string): Promise<LogRecord> {
    const before = this.records().filter(isReload).length;
    this.write(configuration);
    this.program.signal("SIGHUP");
    const records = await this.recordsUntil("reload", (all) => all.filter(isReload).length > before);
    return records.filter(isReload)[before];
  }

  async stop() {
    this.program.signal("SIGTERM");
    return this.program.exit;
  }

  private async recordsUntil(what: string, isEnough: (records: LogRecord[]) => boolean): Promise<LogRecord[]> {
    const ended = this.program.exit.then(({ code }) => {
      throw new Error(`ended with ${code} before "${what}": ${this.program.stderr}`);
    });
    ended.catch(() => {});
    const found = this.program.lines.until(what, () => (isEnough(this.records()) ? true : undefined));
    await Promise.race([found, ended]);
    return this.records();
  }
}

const isListening = ({ msg }: LogRecord): boolean => msg.startsWith("listening on ");
const isReload = ({ msg }: LogRecord): boolean =>
  msg.startsWith("configuration read again") || msg.startsWith("configuration not taken over");
