/** A trace: steps of messages as server-sent events, for as long as the connection is open. */
import { Type } from "@sinclair/typebox";
import { isTopicFilter } from "@tidings/topic";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { Problem, problemSchema } from "../problem.js";
import { EventStream } from "../trace/event-stream.js";

const PAYLOAD_BYTES_MAX = 4096;

export function traceRoutes(app: AdminApp, { traces, limits }: AdminContext): void {
  app.get(
    "/trace",
    {
      schema: {
        operationId: "trace",
        summary: "Follow messages step by step",
        description:
          "Server-sent events, one `step` for each. At least one of `clientId`, `topicFilter` and `address` says which " +
          "messages; all that are given must hold. What the reader is too slow for is left out, and told as `left-out`.",
        tags: ["trace"],
        querystring: Type.Object({
          clientId: Type.Optional(Type.String({ minLength: 1, description: "It publishes or receives." })),
          topicFilter: Type.Optional(Type.String({ minLength: 1, description: "Matches the topic." })),
          address: Type.Optional(Type.String({ minLength: 1, description: "IP address of a publisher or receiver." })),
          payloadBytes: Type.Integer({
            minimum: 0,
            maximum: PAYLOAD_BYTES_MAX,
            default: 0,
            description: "Of each payload to show with `received`, at most. Default: none.",
          }),
        }),
        response: {
          200: {
            description: "Events until the connection is closed.",
            content: { "text/event-stream": { schema: Type.String() } },
          },
          "4xx": problemSchema,
          503: problemSchema,
        },
      },
    },
    async ({ query, raw }, reply) => {
      const { clientId, topicFilter, address } = query;
      if (clientId === undefined && topicFilter === undefined && address === undefined) {
        throw new Problem(400, "Say what to follow: clientId, topicFilter or address.");
      }
      if (topicFilter !== undefined && !isTopicFilter(topicFilter)) {
        throw new Problem(400, `topicFilter "${topicFilter}" is no Topic Filter.`);
      }
      if (traces.size >= limits.tracesMax) {
        throw new Problem(503, `There are ${limits.tracesMax} traces already: close one.`);
      }
      const headers = reply.getHeaders() as Record<string, string>;
      reply.hijack();
      const stream = new EventStream(reply.raw, headers, limits.traceBufferBytesMax);
      const stop = traces.start(query, (step) => stream.send("step", step));
      raw.socket.setTimeout(0);
      reply.raw.once("close", () => {
        stop();
        stream.end();
      });
      return reply;
    },
  );
}
