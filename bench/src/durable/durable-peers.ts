/** Brokers over sockets, with a disk and without one. */
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Peer } from "../peers/peer.js";
import { PEERS } from "../peers/peers.js";

const APP = fileURLToPath(new URL("../../../apps/broker/dist/main.js", import.meta.url));
const MOSQUITTO = PEERS.find(({ name }) => name === "mosquitto") as Peer;

/** The app, with what it is told about its state. */
function tidings(name: string, state: (directory: string) => string[]): Peer {
  return {
    name,
    speaks: () => true,
    version: () => "",
    command: (port, directory) => [
      process.execPath,
      APP,
      ...["--port", String(port), "--no-ws", "--log-level", "silent", ...state(directory)],
    ],
  };
}

export const ON_DISK = tidings("tidings, fsync", (directory) => ["--data", join(directory, "state")]);
export const IN_MEMORY = tidings("tidings, memory", () => ["--memory"]);

/** It acknowledges before it stores: its state is written every half hour, and at its end. */
export const MOSQUITTO_PERSISTENT: Peer = {
  ...MOSQUITTO,
  name: "mosquitto, persistence on",
  command: (port, directory) => {
    const file = join(directory, "mosquitto.conf");
    const lines = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "max_inflight_messages 0",
      "max_queued_messages 0",
      "set_tcp_nodelay true",
      "persistence true",
      `persistence_location ${directory}/`,
      "log_dest none",
      `user ${userInfo().username}`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return [MOSQUITTO.command(port, directory, undefined)[0], "-c", file];
  },
};
