/** Whether the broker lives and serves, and its metrics: for probes and Prometheus, which have no password. */
import { Type } from "@sinclair/typebox";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { available, problemSchema } from "../problem.js";

const tags = ["health"];
const statusSchema = Type.Object({ status: Type.String() });

export function healthRoutes(app: AdminApp, { options }: AdminContext): void {
  const isReady = options.isReady ?? (() => options.broker.store.hasRoom);

  app.get(
    "/healthz",
    {
      config: { isOpen: true },
      schema: {
        operationId: "getHealth",
        summary: "The process answers",
        tags,
        security: [],
        response: { 200: statusSchema },
      },
    },
    () => ({ status: "alive" }),
  );

  app.get(
    "/readyz",
    {
      config: { isOpen: true },
      schema: {
        operationId: "getReadiness",
        summary: "The broker takes clients and keeps their messages",
        tags,
        security: [],
        response: { 200: statusSchema, 503: statusSchema },
      },
    },
    (_request, reply) => {
      const ready = isReady();
      reply.code(ready ? 200 : 503);
      return { status: ready ? "ready" : "not ready" };
    },
  );

  const isOpen = options.guardsMetrics !== true;
  app.get(
    "/metrics",
    {
      config: { isOpen },
      schema: {
        operationId: "getMetrics",
        summary: "Metrics in Prometheus's text format",
        tags,
        ...(isOpen && { security: [] }),
        response: {
          200: { description: "Metrics.", content: { "text/plain": { schema: Type.String() } } },
          "4xx": problemSchema,
          501: problemSchema,
        },
      },
    },
    async (_request, reply) => {
      const metrics = available(options.metrics, "metrics");
      return reply.type(metrics.contentType).send(await metrics.text());
    },
  );
}
