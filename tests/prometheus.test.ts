/** A real Prometheus reads a broker's metrics; every rule and every panel of the dashboard finds what it asks for. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrokerServer, createBrokerServer } from "../packages/broker/src/node/index.js";
import { connect } from "../packages/client/src/index.js";
import { createBrokerMetrics } from "../packages/metrics/src/index.js";
import { ReasonCode } from "../packages/packet/src/index.js";

const deploy = fileURLToPath(new URL("../deploy/", import.meta.url));
const dashboard = JSON.parse(readFileSync(join(deploy, "grafana/dashboards/tidings.json"), "utf8")) as Dashboard;
const directory = mkdtempSync(join(tmpdir(), "tidings-test-"));

interface Dashboard {
  panels: { title: string; type: string; targets?: { expr: string }[] }[];
  templating: { list: { name: string; definition?: string }[] };
}

interface Rule {
  name: string;
  health: string;
  query: string;
}

let broker: BrokerServer;
let endpoint: Server;
let prometheus: ChildProcess;
let api: string;

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${api}${path}`);
  const body = (await response.json()) as { status: string; error?: string; data: T };
  if (body.status !== "success") throw new Error(`${path}: ${body.error}`);
  return body.data;
}

const query = (expression: string) =>
  ask<{ result: unknown[] }>(`/query?query=${encodeURIComponent(expression)}`).then(({ result }) => result);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds().catch(() => false)) return;
    await delay(100);
  }
  throw new Error(`${what}: not within 20 s`);
}

beforeAll(async () => {
  broker = await createBrokerServer({
    hooks: [
      { authenticate: ({ userName }) => (userName === "nobody" ? ReasonCode.NotAuthorized : ReasonCode.Success) },
    ],
  });
  const metrics = createBrokerMetrics(broker.broker);
  endpoint = createServer(async (_request, response) => {
    response.setHeader("content-type", metrics.contentType).end(await metrics.text());
  }).listen(0, "127.0.0.1");
  await once(endpoint, "listening");

  const port = await freePort();
  const target = `127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
  const config = readFileSync(join(deploy, "prometheus/prometheus.yaml"), "utf8")
    .replace("broker:8880", target)
    .replaceAll("15s", "1s")
    .replace("alerts.yaml", join(deploy, "prometheus/alerts.yaml"));
  writeFileSync(join(directory, "prometheus.yaml"), config);
  prometheus = spawn(
    "prometheus",
    [
      `--config.file=${join(directory, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(directory, "samples")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  api = `http://127.0.0.1:${port}/api/v1`;
  await traffic();
  await until(
    "Prometheus has read the broker twice",
    async () => (await query('count_over_time(up{job="tidings"}[1m]) >= 2 and up == 1')).length > 0,
  );
}, 60_000);

afterAll(async () => {
  prometheus.kill("SIGKILL");
  endpoint.close();
  await broker.close();
  rmSync(directory, { recursive: true });
});

/** What has labels only once it has happened: someone came, published, left, and someone was refused. */
async function traffic(): Promise<void> {
  const { url } = await broker.listenTcp({ port: 0 });
  const client = await connect(url);
  await client.subscribe("a", { qos: 1 });
  await client.publish("a", "x", { qos: 1, retain: true });
  await client.close();
  await expect(connect(url, { username: "nobody", reconnect: false })).rejects.toThrow();
}

describe("the dashboard", () => {
  const expressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [title: string, expression: string] => [title, expr]),
  );

  test.each(expressions)("%s: %s", async (_title, expression) => {
    const filled = expression.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*");
    await query(filled); // throws when Prometheus does not understand it
    for (const [name] of filled.matchAll(/\b(tidings|nodejs|process)_\w+/g)) {
      expect(await query(name), name).not.toEqual([]);
    }
  });

  test("offers the brokers that there are", async () => {
    const { definition = "" } = dashboard.templating.list.find(({ name }) => name === "instance") ?? {};
    const [, metric] = /label_values\((\w+), instance\)/.exec(definition) ?? [];
    expect(await query(metric)).toHaveLength(1);
  });
});

test("every alert is understood, and asks for metrics that there are", async () => {
  let rules: Rule[] = [];
  await until("every rule was evaluated", async () => {
    const { groups } = await ask<{ groups: { rules: Rule[] }[] }>("/rules");
    rules = groups.flatMap((group) => group.rules);
    return rules.every(({ health }) => health === "ok");
  });
  expect(rules.length).toBeGreaterThan(5);
  for (const { query: expression } of rules) {
    for (const [name] of expression.matchAll(/\b(tidings|nodejs)_\w+/g)) {
      expect(await query(name), name).not.toEqual([]);
    }
  }
});
