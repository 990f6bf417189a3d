/** The admin API: an HTTP server of its own, with everything that guards it. */
import fastifySwagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import type { AdminApp, AdminContext } from "./admin-app.js";
import { AdminError } from "./admin-error.js";
import { ADMIN_LIMITS_DEFAULT, type AdminOptions } from "./admin-options.js";
import { answerProblems } from "./answer-problems.js";
import { Credentials } from "./credentials.js";
import { describeApi } from "./describe-api.js";
import { guardRequests } from "./guard-requests.js";
import { accessRoutes } from "./routes/access-routes.js";
import { banRoutes } from "./routes/ban-routes.js";
import { brokerRoutes } from "./routes/broker-routes.js";
import { clientRoutes } from "./routes/client-routes.js";
import { documentRoutes } from "./routes/document-routes.js";
import { healthRoutes } from "./routes/health-routes.js";
import { publishRoutes } from "./routes/publish-routes.js";
import { retainedRoutes } from "./routes/retained-routes.js";
import { sessionRoutes } from "./routes/session-routes.js";
import { subscriptionRoutes } from "./routes/subscription-routes.js";
import { traceRoutes } from "./routes/trace-routes.js";
import { userRoutes } from "./routes/user-routes.js";
import { StatsHistory } from "./stats-history.js";
import { MessageTraces } from "./trace/message-traces.js";

export interface AdminServer {
  /** `http://127.0.0.1:8880` */
  readonly url: string;
  /** Ends every request and trace. Resolves when the address is free. */
  close(): Promise<void>;
}

/** Where the routes of the API begin. */
const API_PATH = "/api/v1";
const HEADERS_TIMEOUT_MS = 5000;
const SILENCE_MS = 60_000;

/**
 * Opens the admin API. Rejects with an `AdminError`: `TIDINGS_ADMIN_OPTION` for what cannot be, `TIDINGS_ADMIN_LISTEN` when
 * the address cannot be had.
 */
export async function createAdmin(options: AdminOptions): Promise<AdminServer> {
  const { host = "127.0.0.1", port = 8880 } = options;
  const app = await buildAdmin(options);
  try {
    const url = await app.listen({ host, port });
    return { url, close: () => app.close() };
  } catch (error) {
    await app.close();
    const message = `cannot listen on ${host} port ${port}: ${(error as Error).message}`;
    throw new AdminError("TIDINGS_ADMIN_LISTEN", message, { cause: error });
  }
}

/** @internal The same without a listener. */
export async function buildAdmin(options: AdminOptions): Promise<AdminApp> {
  const limits = { ...ADMIN_LIMITS_DEFAULT, ...options.limits };
  const { broker, tokens = [], administrators, sampleIntervalMs = 10_000 } = options;
  const credentials = new Credentials(tokens, administrators, limits.wrongPasswordsMax);
  const app: AdminApp = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: SILENCE_MS,
    keepAliveTimeout: HEADERS_TIMEOUT_MS,
    http: { headersTimeout: Math.min(HEADERS_TIMEOUT_MS, limits.requestTimeoutMs) },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // A Client Identifier or user name of 65,535 bytes, each written as three.
    routerOptions: { maxParamLength: 200_000 },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = limits.connectionsMax;
  app.removeContentTypeParser("text/plain");
  const context: AdminContext = {
    options,
    limits,
    history: new StatsHistory(broker, sampleIntervalMs, limits.samplesMax),
    traces: new MessageTraces(broker),
  };
  app.addHook("onClose", async () => context.history.stop());
  guardRequests(app, credentials, options);
  answerProblems(app, options);
  await app.register(fastifySwagger, describeApi(options.version));
  healthRoutes(app, context);
  await app.register(
    async (api: AdminApp) => {
      for (const addRoutes of [
        brokerRoutes,
        clientRoutes,
        sessionRoutes,
        subscriptionRoutes,
        retainedRoutes,
        publishRoutes,
        userRoutes,
        accessRoutes,
        banRoutes,
        traceRoutes,
        documentRoutes,
      ]) {
        addRoutes(api, context);
      }
    },
    { prefix: API_PATH },
  );
  await app.ready();
  return app;
}
