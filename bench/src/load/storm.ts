/** Connections that come and go: CONNECT, CONNACK, DISCONNECT, as fast as the broker takes them. */
import { connect } from "node:net";
import { encodePacket, PacketType } from "@tidings/packet";
import type { LoadResult, LoadTask, StormParameters } from "../scenarios/scenario.js";
import { Meter, sleep } from "./meter.js";

export async function runStorm(task: LoadTask<StormParameters>): Promise<LoadResult> {
  const { port, brokerPid } = task;
  const errors: string[] = [];
  let connects = 0;
  let stopped = false;
  const disconnect = encodePacket({ type: PacketType.DISCONNECT, reasonCode: 0 }, 4);
  const once = (clientIdentifier: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.on("error", (error) => {
        errors.push(error.message);
        resolve();
      });
      socket.on("close", () => resolve());
      socket.once("data", (chunk: Buffer) => {
        if (chunk[0] !== 0x20 || chunk[3] !== 0) errors.push("CONNECT was refused");
        connects += 1;
        socket.end(disconnect);
      });
      const packet = {
        type: PacketType.CONNECT,
        protocolVersion: 4 as const,
        cleanStart: true,
        keepAlive: 60,
        clientIdentifier,
      };
      socket.write(encodePacket(packet, 4));
    });
  const worker = async (number: number): Promise<void> => {
    while (!stopped && errors.length < 100) await once(`storm-${number}`);
  };
  const workers = Array.from({ length: task.parameters.concurrency }, (_, number) => worker(number));
  await sleep(task.warmUpMs);
  const before = connects;
  const meter = new Meter(brokerPid);
  await sleep(Math.min(task.measureMs, 4000));
  const measured = meter.read();
  const during = connects - before;
  stopped = true;
  await Promise.all(workers);
  const metrics = {
    connects: during / measured.seconds,
    "connects per broker CPU second": during / measured.brokerCpu,
  };
  return { metrics, ...measured, errors };
}
