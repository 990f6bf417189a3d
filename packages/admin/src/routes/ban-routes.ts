/** Who is kept out. */
import { Type } from "@sinclair/typebox";
import type { AdminApp, AdminContext } from "../admin-app.js";
import type { Ban } from "../admin-options.js";
import { momentOf } from "../client-entry.js";
import { pageOf, pageQuery, selectPage } from "../page.js";
import { available, notFound, Problem, problemSchema } from "../problem.js";

const tags = ["bans"];
const kind = Type.Unsafe<Ban["kind"]>({ type: "string", enum: ["client", "user", "address"] });
const value = Type.String({
  minLength: 1,
  maxLength: 65_535,
  description: "A Client Identifier, a user name, an IP address or a network.",
});
const banSchema = Type.Object({
  kind,
  value,
  reason: Type.Optional(Type.String()),
  createdAt: Type.Optional(Type.String({ format: "date-time" })),
  expiresAt: Type.Optional(Type.String({ format: "date-time", description: "Absent: it stays." })),
});
const errors = { "4xx": problemSchema, 501: problemSchema };

export function banRoutes(app: AdminApp, { options }: AdminContext): void {
  const bans = () => available(options.bans, "a ban list");

  app.get(
    "/bans",
    {
      schema: {
        operationId: "listBans",
        summary: "Bans, by kind and value",
        tags,
        querystring: Type.Object(pageQuery),
        response: { 200: pageOf(banSchema, "Bans."), ...errors },
      },
    },
    ({ query }) => {
      const { items, ...rest } = selectPage(bans().entries(), (ban) => `${ban.kind} ${ban.value}`, query);
      return {
        ...rest,
        items: items.map(({ createdAtMs, expiresAtMs, ...ban }) => ({
          ...ban,
          createdAt: momentOf(createdAtMs),
          expiresAt: momentOf(expiresAtMs),
        })),
      };
    },
  );

  app.post(
    "/bans",
    {
      schema: {
        operationId: "addBan",
        summary: "Keep somebody out; who is connected is sent away",
        tags,
        body: Type.Object(
          {
            kind,
            value,
            reason: Type.Optional(Type.String({ maxLength: 1000, description: "For people." })),
            seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 ** 9, description: "Absent: for ever." })),
          },
          { additionalProperties: false },
        ),
        response: { 204: Type.Null({ description: "Done." }), ...errors },
      },
    },
    async ({ body: { seconds, ...ban } }, reply) => {
      const expiresAtMs = seconds === undefined ? undefined : Date.now() + seconds * 1000;
      if (!bans().add({ ...ban, expiresAtMs })) throw new Problem(409, "There are as many bans as there may be.");
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/bans",
    {
      schema: {
        operationId: "deleteBan",
        summary: "Let somebody in again",
        tags,
        querystring: Type.Object({ kind, value }),
        response: { 204: Type.Null({ description: "Done." }), ...errors },
      },
    },
    async ({ query }, reply) => {
      if (!bans().remove(query.kind, query.value)) throw notFound(`ban of the ${query.kind} ${query.value}`);
      return reply.code(204).send(null);
    },
  );
}
