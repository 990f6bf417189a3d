/** What every request passes: who asks, and from where; and the headers that every answer has. */
import type { FastifyRequest } from "fastify";
import type { AdminApp } from "./admin-app.js";
import type { AdminOptions } from "./admin-options.js";
import type { Credentials } from "./credentials.js";
import { Problem } from "./problem.js";

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function guardRequests(app: AdminApp, credentials: Credentials, { onChange }: AdminOptions): void {
  app.decorateRequest("administrator", "");
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    // A browser sends a password that it knows with requests of any page.
    if (comesFromAnotherSite(request)) throw new Problem(403, "Pages of other sites may not ask here.");
    if (request.routeOptions.config.isOpen === true) return;
    const identity = await credentials.identify(request.headers.authorization, request.ip, performance.now());
    if (identity.kind === "too-many") {
      reply.header("retry-after", "60");
      throw new Problem(429, "Too many wrong passwords: wait a minute.");
    }
    if (identity.kind === "unknown") {
      reply.header("www-authenticate", credentials.challenge);
      throw new Problem(401, "Say who you are: Authorization with a token, or with user name and password.");
    }
    request.administrator = identity.name;
  });
  app.addHook("onResponse", async (request, reply) => {
    if (request.method === "GET" || reply.statusCode >= 400) return;
    onChange?.({ by: request.administrator, method: request.method, url: request.url });
  });
}

function comesFromAnotherSite({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site !== undefined && site !== "same-origin" && site !== "none";
}
