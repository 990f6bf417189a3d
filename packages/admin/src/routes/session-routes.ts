/** Sessions, whether their clients are there or away. */
import { Type } from "@sinclair/typebox";
import type { SessionEntry } from "@tidings/broker";
import type { AdminApp, AdminContext } from "../admin-app.js";
import {
  clientIdParameter,
  describeSession,
  describeSubscription,
  sessionSchema,
  subscriptionSchema,
} from "../client-entry.js";
import { pageOf, pageQuery, selectPage } from "../page.js";
import { notFound, problemSchema } from "../problem.js";

const tags = ["sessions"];

export function sessionRoutes(app: AdminApp, { options: { broker } }: AdminContext): void {
  app.get(
    "/sessions",
    {
      schema: {
        operationId: "listSessions",
        summary: "Sessions, by Client Identifier",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          search: Type.Optional(Type.String({ description: "Part of the Client Identifier or the user name." })),
          connected: Type.Optional(Type.Boolean({ description: "Only those whose client is there, or is away." })),
        }),
        response: { 200: pageOf(sessionSchema, "Sessions."), "4xx": problemSchema },
      },
    },
    ({ query }) => {
      const { search, connected } = query;
      const matching = function* (): Iterable<SessionEntry> {
        for (const session of broker.sessionEntries()) {
          const { clientIdentifier, userName, client } = session;
          if (connected !== undefined && connected !== (client !== undefined)) continue;
          const isFound = search === undefined || clientIdentifier.includes(search) || userName?.includes(search);
          if (isFound === true) yield session;
        }
      };
      const { items, ...rest } = selectPage(matching(), ({ clientIdentifier }) => clientIdentifier, query);
      return { ...rest, items: items.map(describeSession) };
    },
  );

  app.get(
    "/sessions/:clientId",
    {
      schema: {
        operationId: "getSession",
        summary: "A session, with its subscriptions",
        tags,
        params: clientIdParameter,
        response: {
          200: Type.Composite([sessionSchema, Type.Object({ subscriptions: Type.Array(subscriptionSchema) })]),
          "4xx": problemSchema,
        },
      },
    },
    ({ params: { clientId } }) => {
      const session = broker.session(clientId);
      if (session === undefined) throw notFound(`session of ${clientId}`);
      return {
        ...describeSession(session),
        subscriptions: broker.subscriptionsOf(clientId).map(describeSubscription),
      };
    },
  );

  app.delete(
    "/sessions/:clientId",
    {
      schema: {
        operationId: "deleteSession",
        summary: "End a session: its client is sent away, and what it had is gone",
        tags,
        params: clientIdParameter,
        response: { 204: Type.Null({ description: "Done." }), "4xx": problemSchema },
      },
    },
    async ({ params: { clientId } }, reply) => {
      if (!broker.endSession(clientId)) throw notFound(`session of ${clientId}`);
      return reply.code(204).send(null);
    },
  );
}
