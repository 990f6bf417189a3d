/** The broker itself: numbers, listeners, configuration, log. */
import { Type } from "@sinclair/typebox";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { available, notFound, Problem, problemSchema } from "../problem.js";
import { sampleSchema, statsSchema, takeSample } from "../stats.js";

const tags = ["broker"];
const errors = { "4xx": problemSchema, 501: problemSchema };
const levelsSchema = Type.Record(Type.String(), Type.String(), {
  description: 'Levels by subsystem; "" is everything that has no level of its own.',
});

export function brokerRoutes(app: AdminApp, { options, history }: AdminContext): void {
  const { broker } = options;
  const startedMs = performance.now();

  app.get(
    "/stats",
    {
      schema: {
        operationId: "getStats",
        summary: "Numbers of now. Looks once at every session",
        tags,
        response: { 200: statsSchema, "4xx": problemSchema },
      },
    },
    () => ({
      ...takeSample(broker, Date.now()),
      ...broker.depths(),
      version: options.version,
      uptimeSeconds: Math.floor((performance.now() - startedMs) / 1000),
      clientsConnectedMax: broker.counters.clientsConnectedMax,
      sharedSubscriptions: broker.sharedSubscriptionCount,
      retainedBytes: broker.retainedBytes,
      sessionsExpired: broker.counters.sessionsExpired,
      clientsRefused: [...broker.counters.clientsRefused.values()].reduce((total, count) => total + count, 0),
      storeBacklogBytes: broker.store.backlogBytes,
      storeHasRoom: broker.store.hasRoom,
      droppedByReason: { ...broker.droppedMessages },
    }),
  );

  app.get(
    "/stats/history",
    {
      schema: {
        operationId: "getStatsHistory",
        summary: "Samples of the last while, oldest first",
        tags,
        response: {
          200: Type.Object({ intervalMs: Type.Number(), samples: Type.Array(sampleSchema) }),
          "4xx": problemSchema,
        },
      },
    },
    () => ({ intervalMs: history.intervalMs, samples: history.samples }),
  );

  app.get(
    "/listeners",
    {
      schema: {
        operationId: "listListeners",
        summary: "Where clients connect",
        tags,
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({ name: Type.String(), type: Type.String(), url: Type.String(), clients: Type.Integer() }),
            ),
          }),
          ...errors,
        },
      },
    },
    () => {
      const counts = new Map<string | undefined, number>();
      for (const { listener } of broker.clients()) counts.set(listener?.name, (counts.get(listener?.name) ?? 0) + 1);
      const listeners = available(options.listeners, "listeners that are known here")();
      return { items: listeners.map((listener) => ({ ...listener, clients: counts.get(listener.name) ?? 0 })) };
    },
  );

  app.get(
    "/configuration",
    {
      schema: {
        operationId: "getConfiguration",
        summary: "The configuration in force, secrets hidden",
        tags,
        response: { 200: Type.Unknown({ description: "As it could be written in a file." }), ...errors },
      },
    },
    () => available(options.configuration, "a configuration").effective(),
  );

  app.post(
    "/configuration/reload",
    {
      schema: {
        operationId: "reloadConfiguration",
        summary: "Read the configuration again; one with a mistake changes nothing",
        tags,
        response: {
          200: Type.Object({
            changes: Type.Array(Type.String(), { description: "What is different now." }),
            needsRestart: Type.Array(Type.String(), { description: "Paths of what is read at start only." }),
          }),
          ...errors,
        },
      },
    },
    async () => {
      const configuration = available(options.configuration, "a configuration");
      try {
        const { changes, needsRestart } = await configuration.reload();
        return { changes: [...changes], needsRestart: [...needsRestart] };
      } catch (error) {
        throw new Problem(409, `Everything stays as it was: ${(error as Error).message}`);
      }
    },
  );

  app.get(
    "/log-levels",
    {
      schema: {
        operationId: "getLogLevels",
        summary: "What is logged",
        tags,
        response: { 200: Type.Object({ levels: levelsSchema }), ...errors },
      },
    },
    () => ({ levels: available(options.logLevels, "a log")?.get() }),
  );

  app.put(
    "/log-levels",
    {
      schema: {
        operationId: "setLogLevel",
        summary: "Log more or less, until the next start or reload",
        tags,
        body: Type.Object(
          {
            subsystem: Type.String({ default: "", description: "Default: everything without a level of its own." }),
            level: Type.Optional(Type.String({ description: "Absent: no level of its own any more." })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ levels: levelsSchema }), ...errors },
      },
    },
    ({ body: { subsystem, level } }) => {
      const log = available(options.logLevels, "a log");
      if (level === undefined ? subsystem === "" : !log.levels.includes(level)) {
        throw new Problem(400, `level is one of ${log.levels.join(", ")}.`);
      }
      if (!log.set(subsystem, level)) throw notFound(`subsystem ${subsystem}`);
      return { levels: log.get() };
    },
  );
}
