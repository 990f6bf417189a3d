/** What a slow reader misses is counted, and told. */
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { EventStream } from "./event-stream.js";

test("leaves out what its reader is too slow for, and says how much", () => {
  const written: string[] = [];
  const response = {
    writableLength: 0,
    writeHead: () => {},
    write: (text: string) => written.push(text),
    cork: () => {},
    uncork: () => {},
    end: () => {},
  };
  const stream = new EventStream(response as unknown as ServerResponse, {}, 100);
  stream.send("step", 1);
  response.writableLength = 101;
  stream.send("step", 2);
  stream.send("step", 3);
  response.writableLength = 0;
  stream.send("step", 4);
  stream.end();
  expect(written.slice(1)).toEqual([
    "event: step\ndata: 1\n\n",
    'event: left-out\ndata: {"count":2}\n\n',
    "event: step\ndata: 4\n\n",
  ]);
});
