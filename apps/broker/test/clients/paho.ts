/** Eclipse Paho for Python: one process a client, driven by lines of JSON (see paho-client.py). */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Journal } from "../journal.js";
import { Program } from "../program.js";
import type { ClientKind, Message, OpenOptions } from "./client-kind.js";

/** The system's own comes first: that is where a package of the system is found. */
const PYTHON = ["/usr/bin/python3", "python3"].find(
  (python) => spawnSync(python, ["-c", "import paho.mqtt.client"]).status === 0,
);
const SCRIPT = fileURLToPath(new URL("paho-client.py", import.meta.url));

export const paho: ClientKind = {
  name: "Paho (Python)",
  id: "paho",
  missing: PYTHON === undefined ? "apt-get install python3-paho-mqtt" : undefined,
  open: (broker, options) => openPaho(broker.port, options),
};

type Event =
  | { event: "ready"; sessionPresent: boolean }
  | { event: "message"; message: Omit<Message, "payload"> & { payload: string } }
  | { event: "published" }
  | { event: "disconnected"; reasonCode: number };

/** The client, and a way to hold its process still. */
export async function openPaho(port: number, options: OpenOptions) {
  const program = new Program(PYTHON!, [
    "-u",
    SCRIPT,
    JSON.stringify({ port, clean: true, keepAlive: 60, ...encode(options) }),
  ]);
  const inbox = new Journal<Message>();
  const events = new Journal<Event>();
  program.lines.onEntry = (line) => {
    const event = JSON.parse(line) as Event;
    events.add(event);
    if (event.event !== "message") return;
    inbox.add({ ...event.message, payload: Buffer.from(event.message.payload, "base64") });
  };
  const end = async (how: () => void): Promise<void> => {
    how();
    await program.exit;
  };
  const ended = program.exit.then(() => {
    throw new Error(`Paho ended: ${program.stderr}`);
  });
  ended.catch(() => {});
  const ready = events.until("SUBACK for Paho", (all) => all.find((event) => event.event === "ready"));
  const { sessionPresent } = await Promise.race([ready, ended]);
  let published = 0;
  return {
    inbox,
    events,
    sessionPresent: options.version === 3 ? undefined : sessionPresent,
    publish: async (message: Message) => {
      published += 1;
      program.write(`${JSON.stringify({ ...message, payload: message.payload.toString("base64") })}\n`);
      await Promise.race([events.atLeast(published, (event) => event.event === "published"), ended]);
    },
    close: () => end(() => program.endInput()),
    kill: () => end(() => program.signal("SIGKILL")),
    freeze: () => program.signal("SIGSTOP"),
  };
}

function encode(options: OpenOptions) {
  const { will } = options;
  return will === undefined ? options : { ...options, will: { ...will, payload: will.payload.toString("base64") } };
}
