/** `tidings admin`: the admin API of a broker, from the command line. Prints JSON. */
import { Command, InvalidArgumentError, Option } from "commander";
import { parseQoS } from "../connection/connection-options.js";
import { readSecret } from "../connection/read-secret.js";
import { Failure, usage } from "../failure.js";
import { systemReason } from "../system-reason.js";
import type { Terminal } from "../terminal.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount } from "./parse-number.js";

interface AdminOptions {
  url: string;
  tokenFile?: string;
}

/** What one request is: its path below /api/v1, its query, and a body if it has one. */
interface AdminRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
}

export function adminCommand(run: RunCommand): Command {
  const admin = new Command("admin").description("look into a running tidings broker, and change it");
  const add = (
    words: string,
    description: string,
    requestOf: (words: string[], options: Record<string, never>) => AdminRequest | Promise<AdminRequest>,
    options: readonly Option[] = [],
  ): void => {
    const [name, ...parameters] = words.split(" ");
    const command = new Command(name).description(description).helpOption("--help", "display help for command");
    for (const parameter of parameters) command.argument(parameter);
    for (const option of options) command.addOption(option);
    command
      .addOption(
        new Option("--url <url>", "of the admin API").env("TIDINGS_ADMIN_URL").default("http://127.0.0.1:8880"),
      )
      .addOption(new Option("--token-file <path>", "file with the token; else TIDINGS_ADMIN_TOKEN"));
    command.action((...given: unknown[]) => {
      const chosen = given[parameters.length] as AdminOptions & Record<string, never>;
      const values = given.slice(0, parameters.length) as string[];
      return run({}, async ({ terminal }) => {
        const response = await send(await requestOf(values, chosen), chosen, terminal);
        if (name === "trace") await printEvents(response, terminal);
        else if (response.status === 204) return undefined;
        else await terminal.write(`${JSON.stringify(await response.json(), undefined, 2)}\n`);
        return undefined;
      });
    });
    admin.addCommand(command);
  };
  const client = (id: string): string => `clients/${encodeURIComponent(id)}`;
  const get = (path: string, query?: AdminRequest["query"]): AdminRequest => ({ method: "GET", path, query });

  add("clients", "connected clients", (_, { search, limit, cursor }) => get("clients", { search, limit, cursor }), [
    new Option("--search <text>", "part of the Client Identifier, user name or address"),
    ...pages(),
  ]);
  add("client <id>", "one, with its subscriptions", ([id]) => get(client(id)));
  add("disconnect <id>", "send a client away", ([id]) => ({
    ...{ method: "POST", path: `${client(id)}/disconnect`, body: {} },
  }));
  add(
    "ban <id>",
    "send a client away and keep it out",
    ([id], { by, seconds, reason }) => ({ method: "POST", path: `${client(id)}/ban`, body: { by, seconds, reason } }),
    [
      new Option("--by <what...>", "client, user or address").choices(["client", "user", "address"]),
      new Option("--seconds <n>", "for so long; default: for ever").argParser(parseCount),
      new Option("--reason <text>", "for people"),
    ],
  );
  add(
    "subscriptions",
    "subscriptions",
    (_, { client: clientId, topic: topicName, limit, cursor }) =>
      get("subscriptions", { clientId, topicName, limit, cursor }),
    [
      new Option("--client <id>", "of one client"),
      new Option("-t, --topic <topic>", "that match this topic"),
      ...pages(),
    ],
  );
  add(
    "retained [filter]",
    "retained messages",
    ([topicFilter], { payload, limit, cursor }) => get("retained", { topicFilter, payload, limit, cursor }),
    [new Option("--payload", "with their payloads"), ...pages()],
  );
  add(
    "publish <topic> [payload]",
    "publish a message",
    ([topicName, payload], { qos, retain, json }) => ({
      method: "POST",
      path: "publish",
      body: json
        ? { topicName, qos, retain, payload: parseJson(payload), encoding: "json" }
        : { topicName, qos, retain, payload },
    }),
    [
      new Option("-q, --qos <n>", "0, 1 or 2").argParser(parseQoS),
      new Option("-r, --retain", "keep it for the topic"),
      new Option("--json", "the payload is JSON"),
    ],
  );
  add(
    "users [search]",
    "users of the broker",
    ([search], { limit, cursor }) => get("users", { search, limit, cursor }),
    pages(),
  );
  add("stats", "numbers of now", () => get("stats"));
  add("reload", "read the configuration again", () => ({ method: "POST", path: "configuration/reload" }));
  add("log-level [level]", "show or set what is logged", ([level]) =>
    level === undefined ? get("log-levels") : { method: "PUT", path: "log-levels", body: { level } },
  );
  add(
    "trace",
    "follow messages step by step, one line for each",
    (_, { client: clientId, topic, address, payloadBytes }) => {
      if (clientId === undefined && topic === undefined && address === undefined) {
        throw usage("Say what to follow: --client, -t or --address.");
      }
      return get("trace", { clientId, topicFilter: topic, address, payloadBytes });
    },
    [
      new Option("--client <id>", "it publishes or receives"),
      new Option("-t, --topic <filter>", "matches the topic"),
      new Option("--address <ip>", "of a publisher or receiver"),
      new Option("--payload-bytes <n>", "of each payload to show").argParser(parseCount),
    ],
  );
  addExamples(admin, [
    ["tidings admin clients --search sensor", "who is there?"],
    ["tidings admin trace -t 'alarms/#'", "where do they go?"],
    ["tidings admin disconnect sensor-7", "send it away"],
  ]);
  return admin;
}

function pages(): Option[] {
  return [
    new Option("--limit <n>", "entries of one page").argParser(parseCount),
    new Option("--cursor <next>", "`next` of the page before"),
  ];
}

function parseJson(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("The payload is no JSON.");
  }
}

async function send({ method, path, query = {}, body }: AdminRequest, options: AdminOptions, terminal: Terminal) {
  const token = readSecret({ file: options.tokenFile, flag: "--token-file", variable: "TIDINGS_ADMIN_TOKEN" });
  if (token === undefined) throw usage("No token: set TIDINGS_ADMIN_TOKEN, or name a file with --token-file.");
  const url = new URL(`/api/v1/${path}`, options.url);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: terminal.stop,
  }).catch((error: Error) => {
    throw new Failure(`Cannot reach ${options.url} (--url): ${systemReason(error.cause ?? error)}.`);
  });
  if (response.ok) return response;
  const { message = "" } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new Failure(`The broker says ${response.status}: ${message}`);
}

/** The data of each server-sent event is one line already. */
async function printEvents(response: Response, terminal: Terminal): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() as string;
    for (const line of lines) if (line.startsWith("data: ")) await terminal.write(`${line.slice(6)}\n`);
  }
}
