/**
 * The brokers that are compared.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scenario } from "../scenarios/scenario.js";
import type { Peer } from "./peer.js";

const require = createRequire(import.meta.url);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tidings itself, as built in a checkout of the repository. */
export function tidingsAt(checkout: string, name: string): Peer {
  const app = join(checkout, "apps/broker");
  return {
    name,
    speaks: () => true,
    version: () => {
      if (!existsSync(join(app, "dist/main.js"))) return undefined;
      return JSON.parse(readFileSync(join(app, "package.json"), "utf8")).version;
    },
    command: (port, _directory, tls, guards) => {
      if (guards !== undefined) {
        return [process.execPath, here("./guarded-broker.mjs"), checkout, JSON.stringify({ ...guards, port, tls })];
      }
      return tls === undefined
        ? [
            process.execPath,
            join(app, "dist/main.js"),
            "--port",
            String(port),
            "--no-ws",
            "--memory",
            "--log-level",
            "silent",
          ]
        : // The app has no TLS yet, the packages have.
          [
            process.execPath,
            here("./tidings-tls-broker.mjs"),
            join(checkout, "packages/broker/dist/node.js"),
            String(port),
            tls.certificate,
            tls.key,
          ];
    },
  };
}

const mosquitto: Peer = {
  name: "mosquitto",
  speaks: ({ guards }) => guards === undefined,
  version: () => outputOf("mosquitto", ["-h"])?.match(/version ([\d.]+)/)?.[1],
  command: (port, directory, tls) => {
    const file = join(directory, "mosquitto.conf");
    const lines = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "max_inflight_messages 0",
      "max_queued_messages 0",
      "set_tcp_nodelay true",
      "persistence false",
      "log_dest none",
      // Otherwise root becomes a user who may not read the files here.
      `user ${userInfo().username}`,
      ...(tls === undefined ? [] : [`certfile ${tls.certificate}`, `keyfile ${tls.key}`]),
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return [mosquittoPath() ?? "mosquitto", "-c", file];
  },
};

const aedes: Peer = {
  name: "aedes",
  speaks: before5,
  version: () => {
    try {
      return JSON.parse(readFileSync(join(packageFolder("aedes"), "package.json"), "utf8")).version;
    } catch {
      return undefined;
    }
  },
  command: (port, _directory, tls) => [
    process.execPath,
    here("./aedes-broker.mjs"),
    String(port),
    ...(tls === undefined ? [] : [tls.certificate, tls.key]),
  ],
};

const nats: Peer = {
  name: "nats-server",
  // Its MQTT listener has no QoS 2 in the versions that distributions carry.
  speaks: (scenario) => before5(scenario) && !(scenario.program === "traffic" && scenario.parameters.qos === 2),
  version: () => outputOf("nats-server", ["--version"])?.match(/v([\d.]+)/)?.[1],
  command: (port, directory, tls) => {
    const file = join(directory, "nats.conf");
    const secured =
      tls === undefined ? "" : `, tls { cert_file: "${tls.certificate}", key_file: "${tls.key}", timeout: 60 }`;
    const lines = [
      `server_name: bench`,
      `listen: "127.0.0.1:0"`,
      `jetstream { store_dir: "${join(directory, "jetstream")}" }`,
      `mqtt { listen: "127.0.0.1:${port}", max_ack_pending: 65535${secured} }`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return ["nats-server", "-c", file];
  },
};

/** Without MQTT 5.0, and without guards. */
function before5(scenario: Scenario): boolean {
  if (scenario.guards !== undefined) return false;
  return scenario.program !== "traffic" || scenario.parameters.protocolVersion < 5;
}

export const PEERS: readonly Peer[] = [tidingsAt(here("../../.."), "tidings"), mosquitto, aedes, nats];

function outputOf(command: string, parameters: string[]): string | undefined {
  try {
    return execFileSync(command === "mosquitto" ? (mosquittoPath() ?? command) : command, parameters, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    // `mosquitto -h` prints its version and exits with 3.
    return (error as { stdout?: string }).stdout || undefined;
  }
}

/** Debian puts it where not every PATH looks. */
function mosquittoPath(): string | undefined {
  return ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"].find(existsSync);
}

function packageFolder(name: string): string {
  const entry = require.resolve(name);
  return entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length);
}
