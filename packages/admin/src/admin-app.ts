/** What every file of routes is given. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { AdminLimits, AdminOptions } from "./admin-options.js";
import type { StatsHistory } from "./stats-history.js";
import type { MessageTraces } from "./trace/message-traces.js";

export type AdminApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface AdminContext {
  readonly options: AdminOptions;
  readonly limits: AdminLimits;
  readonly history: StatsHistory;
  readonly traces: MessageTraces;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Nobody has to say who they are. */
    isOpen?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; empty on an open route. */
    administrator: string;
  }
}
