/** What went wrong, as `{ statusCode, error, message }`. What is nobody's mistake but ours says nothing of its cause. */
import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply } from "fastify";
import type { AdminApp } from "./admin-app.js";
import type { AdminOptions } from "./admin-options.js";
import { Problem } from "./problem.js";

export function answerProblems(app: AdminApp, { onFailure }: AdminOptions): void {
  app.setNotFoundHandler((_request, reply) => answer(reply, 404, "There is no such route."));
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    const statusCode = statusOf(error);
    if (statusCode < 500 || error instanceof Problem) return answer(reply, statusCode, error.message);
    onFailure?.(error, { method: request.method, url: request.url });
    return answer(reply, statusCode, "Something went wrong here; the log of the broker says what.");
  });
}

/** Wrong options of what the packages below are given are mistakes of the one who asks. */
function statusOf(error: FastifyError | Problem): number {
  if (/^TIDINGS_(AUTH|ACCESS|PASSWORD|BAN)/.test((error as FastifyError).code ?? "")) return 400;
  return error.statusCode ?? 500;
}

function answer(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).type("application/json").send({ statusCode, error: STATUS_CODES[statusCode], message });
}
