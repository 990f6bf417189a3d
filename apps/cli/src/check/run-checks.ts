/** Finds out which versions a server speaks and runs the checks that fit, several side by side. */
import { randomBytes } from "node:crypto";
import { type ConnackPacket, type ConnectPacket, PacketType, type ProtocolVersion } from "@tidings/packet";
import { type ConnectionSettings, connectionUrl } from "../connection/connection-settings.js";
import { openStream } from "../connection/open-stream.js";
import { ExitCode } from "../exit-code.js";
import { Failure } from "../failure.js";
import { describeReason } from "../reason-text.js";
import { systemError, systemReason } from "../system-reason.js";
import type { Check, CheckBench, CheckResult } from "./check.js";
import { errorChecks } from "./check-errors.js";
import { messageChecks } from "./check-messages.js";
import { propertyChecks } from "./check-properties.js";
import { connectPacket, ProbeConnection, ProbeFailure } from "./probe-connection.js";

/** Checks that run at once. Some only wait. */
const SIDE_BY_SIDE = 8;

export interface CheckOptions {
  readonly settings: ConnectionSettings;
  readonly answerMs: number;
  /** Empty: those that the server accepts. */
  readonly topicPrefix: string;
  readonly onResult: (result: CheckResult, done: number, total: number) => void;
  readonly stop: AbortSignal;
}

const VERSIONS: readonly { version: ProtocolVersion; name: string; rule: string }[] = [
  { version: 3, name: "MQTT 3.1", rule: "" },
  { version: 4, name: "MQTT 3.1.1", rule: "" },
  { version: 5, name: "MQTT 5.0", rule: "" },
];

/** In the order of the checks. Throws a `Failure` when the server cannot be reached or lets nobody in. */
export async function runChecks(options: CheckOptions): Promise<CheckResult[]> {
  const { settings, onResult, stop } = options;
  const bench = new Bench(options);
  const results: CheckResult[] = [];
  const refusals: string[] = [];
  for (const { version, name, rule } of VERSIONS) {
    const connack = await bench.tryVersion(version);
    const isSpoken = connack?.reasonCode === 0;
    const reason =
      connack === undefined ? "it closes the connection" : describeReason(connack.reasonCode, undefined, version);
    if (!isSpoken) refusals.push(`${name}: ${reason}`);
    results.push({ group: "Versions", name, rule, outcome: isSpoken ? "yes" : "no", detail: isSpoken ? "" : reason });
  }
  if (bench.versions.length === 0) {
    throw new Failure(`${connectionUrl(settings)} refused every version. ${refusals.join("; ")}.`, ExitCode.Refused);
  }
  const checks = bench.versions.flatMap((version) => {
    if (version === 3) return [];
    return [...messageChecks(version), ...(version === 5 ? propertyChecks : []), ...errorChecks(version)];
  });
  const total = results.length + checks.length;
  for (const [index, result] of results.entries()) onResult(result, index + 1, total);
  const slots = new Array<CheckResult>(checks.length);
  let done = results.length;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < checks.length && !stop.aborted) {
      const index = next++;
      slots[index] = await runCheck(checks[index], bench);
      onResult(slots[index], ++done, total);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return [...results, ...slots.filter((result) => result !== undefined)];
}

async function runCheck(check: Check, shared: Bench): Promise<CheckResult> {
  const { group, name, rule } = check;
  const bench = shared.forOneCheck();
  try {
    return { group, name, rule, ...(await check.run(bench)) };
  } catch (error) {
    if (!(error instanceof ProbeFailure)) {
      const system = systemError(error);
      if (system === undefined) throw error;
      return { group, name, rule, outcome: "unclear", detail: systemReason(system) };
    }
    return { group, name, rule, outcome: "departs", detail: error.message };
  } finally {
    bench.cutAll();
  }
}

class Bench implements CheckBench {
  connack: ConnackPacket = { type: PacketType.CONNACK, sessionPresent: false, reasonCode: 0 };
  versions: ProtocolVersion[] = [];
  private readonly connections: ProbeConnection[] = [];
  private count = 0;

  constructor(
    private readonly options: CheckOptions,
    private readonly mark = randomBytes(4).toString("hex"),
  ) {}

  forOneCheck(): Bench {
    const bench = new Bench(this.options, randomBytes(4).toString("hex"));
    bench.connack = this.connack;
    bench.versions = this.versions;
    return bench;
  }

  topic(name: string): string {
    return `${this.options.topicPrefix}/${this.mark}/${name}`;
  }

  clientIdentifier(name: string): string {
    // 3.1 allows 23 characters.
    return `chk${this.mark}${name}`.replace(/[^0-9a-z]/gi, "").slice(0, 23);
  }

  async connect(version: ProtocolVersion, options?: Partial<ConnectPacket>): Promise<ProbeConnection> {
    return (await this.connectFully(version, options)).connection;
  }

  async connectFully(version: ProtocolVersion, options: Partial<ConnectPacket> = {}) {
    const connection = await this.open(version);
    connection.send(this.packet(version, options));
    const connack = await connection.next(PacketType.CONNACK);
    if (connack.reasonCode !== 0) {
      throw new ProbeFailure(`a CONNECT was refused: ${describeReason(connack.reasonCode, undefined, version)}`);
    }
    return { connection, connack };
  }

  async open(version: ProtocolVersion): Promise<ProbeConnection> {
    const stream = await openStream(this.options.settings);
    const connection = new ProbeConnection(stream, version, this.options.answerMs);
    this.connections.push(connection);
    return connection;
  }

  /** The CONNACK, or undefined when the server just closes. Remembers what is spoken. */
  async tryVersion(version: ProtocolVersion): Promise<ConnackPacket | undefined> {
    const connection = await this.open(version).catch((error) => {
      const url = connectionUrl(this.options.settings);
      const system = systemError(error);
      const reason = system === undefined ? (error as Error).message : systemReason(system);
      throw new Failure(`Cannot connect to ${url}: ${reason}.`, ExitCode.Connection);
    });
    connection.send(this.packet(version, {}));
    const connack = await connection.nextOrNothing(PacketType.CONNACK).catch(() => undefined);
    if (connack?.reasonCode === 0) {
      this.versions = [...this.versions, version];
      this.connack = connack;
      connection.disconnect();
    }
    connection.cut();
    return connack;
  }

  cutAll(): void {
    for (const connection of this.connections) connection.cut();
  }

  private packet(version: ProtocolVersion, options: Partial<ConnectPacket>): ConnectPacket {
    const { username, password } = this.options.settings;
    return connectPacket(version, this.clientIdentifier(`n${this.count++}`), {
      ...(username !== undefined && { userName: username }),
      ...(password !== undefined && { password: new TextEncoder().encode(password) }),
      ...options,
    });
  }
}
