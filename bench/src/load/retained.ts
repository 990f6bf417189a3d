/** Many retained messages: how fast they are set, and how long one new subscriber waits for all of them. */
import type { LoadResult, LoadTask, RetainedParameters } from "../scenarios/scenario.js";
import { LoadClient } from "./load-client.js";
import { Meter, until } from "./meter.js";
import { writeNumberedPublish } from "./numbered-publish.js";

const BATCH = 500;

export async function runRetained(task: LoadTask<RetainedParameters>): Promise<LoadResult> {
  const { port, brokerPid } = task;
  const { messages, payloadBytes } = task.parameters;
  const errors: string[] = [];
  const meter = new Meter(brokerPid);
  // Its own subscription tells the setter when the broker has taken a batch.
  const setter = await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: "set", ordered: false });
  await setter.subscribe(["bench/retained/#"], 0);
  const startMs = performance.now();
  for (let from = 0; from < messages; from += BATCH) {
    const bytes = Buffer.allocUnsafe(BATCH * (payloadBytes + 64));
    let at = 0;
    const behind = Math.min(messages, from + BATCH);
    for (let i = from; i < behind; i++) {
      at = writeNumberedPublish(bytes, at, `bench/retained/${i % 200}/${i}`, payloadBytes, 0, i + 1, true);
    }
    setter.stream.write(bytes.subarray(0, at));
    if (!(await until(() => setter.deliveries >= behind, 20_000))) errors.push("a batch was not taken");
  }
  const setSeconds = (performance.now() - startMs) / 1000;
  const durations: number[] = [];
  for (let round = 0; round < 5; round++) {
    const reader = await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: `r${round}`, ordered: false });
    const fromMs = performance.now();
    let doneMs = 0;
    reader.onProgress = () => {
      if (reader.deliveries >= messages && doneMs === 0) doneMs = performance.now();
    };
    await reader.subscribe(["bench/retained/#"], 0);
    if (!(await until(() => doneMs > 0, 30_000))) errors.push(`${messages} were due, ${reader.deliveries} came`);
    durations.push(doneMs - fromMs);
    errors.push(...reader.errors);
    reader.close();
  }
  durations.sort((a, b) => a - b);
  errors.push(...setter.errors);
  return {
    metrics: { "retained set": messages / setSeconds, "time to receive all": durations[2] },
    ...meter.read(),
    errors,
  };
}
