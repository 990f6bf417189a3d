/** Clients that are connected now. */
import { Type } from "@sinclair/typebox";
import type { Client, SessionEntry } from "@tidings/broker";
import type { ReasonCode } from "@tidings/packet";
import type { AdminApp, AdminContext } from "../admin-app.js";
import type { Ban } from "../admin-options.js";
import {
  addressOf,
  clientIdParameter,
  clientSchema,
  describeClient,
  describeSubscription,
  subscriptionSchema,
} from "../client-entry.js";
import { pageOf, pageQuery, selectPage } from "../page.js";
import { available, notFound, Problem, problemSchema } from "../problem.js";

const tags = ["clients"];
const done = Type.Null({ description: "Done." });

export function clientRoutes(app: AdminApp, { options }: AdminContext): void {
  const { broker } = options;

  app.get(
    "/clients",
    {
      schema: {
        operationId: "listClients",
        summary: "Connected clients, by Client Identifier",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          search: Type.Optional(
            Type.String({ description: "Part of the Client Identifier, the user name or the address." }),
          ),
          listener: Type.Optional(Type.String({ description: "Name of the listener." })),
        }),
        response: { 200: pageOf(clientSchema, "Clients."), "4xx": problemSchema },
      },
    },
    ({ query }) => {
      const matching = function* (): Iterable<SessionEntry> {
        for (const session of broker.sessionEntries()) if (isWanted(session, query)) yield session;
      };
      const { items, ...rest } = selectPage(matching(), ({ clientIdentifier }) => clientIdentifier, query);
      return { ...rest, items: items.map((session) => describeClient(session, session.client as Client)) };
    },
  );

  const find = (clientId: string): { session: SessionEntry; client: Client } => {
    const session = broker.session(clientId);
    if (session?.client === undefined) throw notFound(`connected client ${clientId}`);
    return { session, client: session.client };
  };

  app.get(
    "/clients/:clientId",
    {
      schema: {
        operationId: "getClient",
        summary: "A connected client, with its subscriptions",
        tags,
        params: clientIdParameter,
        response: {
          200: Type.Composite([clientSchema, Type.Object({ subscriptions: Type.Array(subscriptionSchema) })]),
          "4xx": problemSchema,
        },
      },
    },
    ({ params: { clientId } }) => {
      const { session, client } = find(clientId);
      const subscriptions = broker.subscriptionsOf(clientId).map(describeSubscription);
      return { ...describeClient(session, client), subscriptions };
    },
  );

  app.post(
    "/clients/:clientId/disconnect",
    {
      schema: {
        operationId: "disconnectClient",
        summary: "Send a client away; it may come back",
        tags,
        params: clientIdParameter,
        body: Type.Object(
          {
            reasonCode: Type.Integer({
              minimum: 0x80,
              maximum: 0xa2,
              default: 0x98,
              description: "For 5.0 clients. Default: 0x98, Administrative action.",
            }),
            reasonString: Type.Optional(Type.String({ maxLength: 1000 })),
            serverReference: Type.Optional(Type.String({ maxLength: 1000 })),
          },
          { additionalProperties: false },
        ),
        response: { 204: done, "4xx": problemSchema },
      },
    },
    async ({ params, body: { reasonCode, ...details } }, reply) => {
      find(params.clientId).client.disconnect(reasonCode as ReasonCode, details);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/clients/:clientId/ban",
    {
      schema: {
        operationId: "banClient",
        summary: "Send a client away and keep it out",
        tags,
        params: clientIdParameter,
        body: Type.Object(
          {
            by: Type.Array(Type.Unsafe<Ban["kind"]>({ type: "string", enum: ["client", "user", "address"] }), {
              minItems: 1,
              maxItems: 3,
              default: ["client"],
              description: "What of it is banned.",
            }),
            seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 ** 9, description: "Absent: for ever." })),
            reason: Type.Optional(Type.String({ maxLength: 1000, description: "For people." })),
          },
          { additionalProperties: false },
        ),
        response: { 204: done, "4xx": problemSchema, 501: problemSchema },
      },
    },
    async ({ params: { clientId }, body: { by, seconds, reason } }, reply) => {
      const bans = available(options.bans, "a ban list");
      const { client } = find(clientId);
      const values = { client: clientId, user: client.userName, address: addressOf(client) };
      const expiresAtMs = seconds === undefined ? undefined : Date.now() + seconds * 1000;
      for (const kind of by) {
        const value = values[kind];
        if (value === undefined) throw new Problem(409, `The client has no ${kind} to ban it by.`);
        if (!bans.add({ kind, value, reason, expiresAtMs })) {
          throw new Problem(409, "There are as many bans as there may be.");
        }
      }
      client.disconnect(0x98);
      return reply.code(204).send(null);
    },
  );
}

function isWanted({ clientIdentifier, userName, client }: SessionEntry, query: { search?: string; listener?: string }) {
  if (client === undefined) return false;
  const { search, listener } = query;
  if (listener !== undefined && client.listener?.name !== listener) return false;
  if (search === undefined) return true;
  return [clientIdentifier, userName, addressOf(client)].some((text) => text?.includes(search));
}
