/** The broker's users. Passwords come in and never go out. */
import { type Static, Type } from "@sinclair/typebox";
import { hashPassword, makeScramKeys, type StoredUser, type UserStore } from "@tidings/auth";
import type { Broker } from "@tidings/broker";
import { ReasonCode } from "@tidings/packet";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { pageOf, pageQuery, selectPage } from "../page.js";
import { available, notFound, Problem, problemSchema } from "../problem.js";

const tags = ["users"];
const params = Type.Object({ userName: Type.String({ minLength: 1, maxLength: 65_535 }) });
const userSchema = Type.Object({
  userName: Type.String(),
  groups: Type.Array(Type.String()),
  isDisabled: Type.Boolean(),
  hasPassword: Type.Boolean(),
  hasScramKeys: Type.Boolean(),
});
const disconnect = Type.Object({
  disconnect: Type.Boolean({
    default: false,
    description: "Sends the user's clients away, so that the change holds for them.",
  }),
});
const errors = { "4xx": problemSchema, 501: problemSchema };

export function userRoutes(app: AdminApp, { options }: AdminContext): void {
  const { broker } = options;
  const users = (): UserStore => available(options.users, "users that can be managed");

  app.get(
    "/users",
    {
      schema: {
        operationId: "listUsers",
        summary: "Users, by name",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          search: Type.Optional(Type.String({ description: "Part of the name." })),
        }),
        response: { 200: pageOf(userSchema, "Users."), ...errors },
      },
    },
    async ({ query }) => {
      const found: StoredUser[] = [];
      for await (const user of users().list()) {
        if (query.search === undefined || user.userName.includes(query.search)) found.push(user);
      }
      const { items, ...rest } = selectPage(found, ({ userName }) => userName, query);
      return { ...rest, items: items.map(describeUser) };
    },
  );

  app.get(
    "/users/:userName",
    {
      schema: { operationId: "getUser", summary: "A user", tags, params, response: { 200: userSchema, ...errors } },
    },
    async ({ params: { userName } }) => {
      const user = await users().find(userName);
      if (user === undefined) throw notFound(`user ${userName}`);
      return describeUser(user);
    },
  );

  app.put(
    "/users/:userName",
    {
      schema: {
        operationId: "putUser",
        summary: "Create a user, or change what is named of one",
        tags,
        params,
        querystring: disconnect,
        body: Type.Object(
          {
            password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: "Kept as a hash." })),
            scram: Type.Boolean({ default: false, description: "Makes keys for SCRAM-SHA-256 of the password, too." }),
            groups: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 1000 })),
            isDisabled: Type.Optional(Type.Boolean({ description: "The user cannot come in." })),
          },
          { additionalProperties: false },
        ),
        response: { 200: userSchema, 201: userSchema, ...errors },
      },
    },
    async ({ params: { userName }, query, body }, reply) => {
      const store = users();
      const before = await store.find(userName);
      if (body.scram && body.password === undefined) throw new Problem(400, "scram needs the password.");
      const user = await changed(before ?? { userName }, body);
      await store.put(user);
      if (query.disconnect) disconnectUser(broker, userName);
      return reply.code(before === undefined ? 201 : 200).send(describeUser(user));
    },
  );

  app.delete(
    "/users/:userName",
    {
      schema: {
        operationId: "deleteUser",
        summary: "Delete a user",
        tags,
        params,
        querystring: disconnect,
        response: { 204: Type.Null({ description: "Done." }), ...errors },
      },
    },
    async ({ params: { userName }, query }, reply) => {
      if (!(await users().delete(userName))) throw notFound(`user ${userName}`);
      if (query.disconnect) disconnectUser(broker, userName);
      return reply.code(204).send(null);
    },
  );
}

interface UserChange {
  readonly password?: string;
  readonly scram: boolean;
  readonly groups?: string[];
  readonly isDisabled?: boolean;
}

async function changed(user: StoredUser, { password, scram, groups, isDisabled }: UserChange): Promise<StoredUser> {
  // Keys of an old password would let it in still.
  const { scramKeys: _, ...rest } = user;
  const kept = password === undefined ? user : rest;
  return {
    ...kept,
    ...(password !== undefined && { password: await hashPassword(password) }),
    ...(password !== undefined && scram && { scramKeys: await makeScramKeys(password) }),
    ...(groups !== undefined && { groups }),
    ...(isDisabled !== undefined && { isDisabled }),
  };
}

function describeUser({ userName, groups, isDisabled, password, scramKeys }: StoredUser): Static<typeof userSchema> {
  return {
    userName,
    groups: [...(groups ?? [])],
    isDisabled: isDisabled ?? false,
    hasPassword: password !== undefined,
    hasScramKeys: scramKeys !== undefined,
  };
}

function disconnectUser(broker: Broker, userName: string): void {
  for (const client of [...broker.clients()]) {
    if (client.userName === userName) client.disconnect(ReasonCode.AdministrativeAction);
  }
}
