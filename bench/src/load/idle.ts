/** Many connections that say nothing: how fast they come, and what each costs the broker in memory. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodePacket, PacketType } from "@tidings/packet";
import type { IdleParameters, LoadResult, LoadTask } from "../scenarios/scenario.js";
import { Meter, residentBytes, sleep } from "./meter.js";

const CONCURRENCY = 50;

export async function runIdle(task: LoadTask<IdleParameters>): Promise<LoadResult> {
  const { port, brokerPid } = task;
  const { connections, tls } = task.parameters;
  const errors: string[] = [];
  const sockets: Socket[] = [];
  const open = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const place = { host: "127.0.0.1", port };
      const socket = tls ? connectTls({ ...place, rejectUnauthorized: false }) : connect(place);
      sockets.push(socket);
      socket.on("error", (error) => errors.push(error.message));
      socket.on("close", () => errors.push("closed by the broker"));
      socket.once("data", (chunk: Buffer) => {
        if (chunk[0] !== 0x20 || chunk[3] !== 0) errors.push("CONNECT was refused");
        resolve();
      });
      const clientIdentifier = `idle-${number}`;
      const packet = {
        type: PacketType.CONNECT,
        protocolVersion: 4 as const,
        cleanStart: true,
        keepAlive: 600,
        clientIdentifier,
      };
      socket.write(encodePacket(packet, 4));
    });
  // The broker's own warm-up is not the connections' cost.
  await Promise.all(Array.from({ length: 200 }, (_, i) => open(connections + i)));
  await sleep(1500);
  const residentBefore = residentBytes(brokerPid);
  const meter = new Meter(brokerPid);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < connections) await open(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const measured = meter.read();
  await sleep(3000);
  const bytes = (residentBytes(brokerPid) - residentBefore) / connections;
  const result = {
    metrics: {
      connects: connections / measured.seconds,
      "connects per broker CPU second": connections / measured.brokerCpu,
      "memory per connection": bytes,
    },
    ...measured,
    errors: [...errors],
  };
  for (const socket of sockets) socket.destroy();
  return result;
}
