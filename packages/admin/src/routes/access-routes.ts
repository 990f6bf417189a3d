/** Access rules that are managed here. The first one that is about a client, what it does and a topic decides. */
import { Type } from "@sinclair/typebox";
import type { AccessRule } from "@tidings/auth";
import type { AdminApp, AdminContext } from "../admin-app.js";
import type { AccessRuleStore } from "../admin-options.js";
import { available, notFound, Problem, problemSchema } from "../problem.js";

const tags = ["access"];
const RULES_MAX = 10_000;

const text = Type.String({ minLength: 1, maxLength: 65_535 });
const oneOrMore = (description: string) =>
  Type.Optional(Type.Unsafe<string | string[]>({ anyOf: [text, Type.Array(text, { maxItems: 1000 })], description }));
const actions = (description: string) =>
  Type.Optional(
    Type.Unsafe<NonNullable<AccessRule["allow"]>>({
      anyOf: [
        { type: "string", enum: ["publish", "subscribe", "receive", "all"] },
        { type: "array", items: { type: "string", enum: ["publish", "subscribe", "receive"] }, minItems: 1 },
      ],
      description,
    }),
  );

const ruleSchema = Type.Object(
  {
    allow: actions("What the rule allows. Either this or `deny`."),
    deny: actions("What the rule denies."),
    topics: oneOrMore("Topic Filters, with %u, %c and %{claim}. Absent: every topic."),
    users: oneOrMore("User names; an ending * stands for any ending."),
    groups: oneOrMore("Groups."),
    clients: oneOrMore("Client Identifiers."),
    certificates: oneOrMore("Common names or subjects of verified client certificates."),
    addresses: oneOrMore("IP addresses and networks."),
    claims: Type.Optional(
      Type.Unsafe<NonNullable<AccessRule["claims"]>>({
        type: "object",
        additionalProperties: true,
        description: "Claims of a token and their values.",
      }),
    ),
    anonymous: Type.Optional(Type.Boolean({ description: "Clients without (true) or with (false) a user name." })),
    maximumQoS: Type.Optional(Type.Unsafe<0 | 1 | 2>({ type: "integer", minimum: 0, maximum: 2 })),
    retain: Type.Optional(Type.Boolean({ description: "False: not with RETAIN set." })),
  },
  { additionalProperties: false },
);
const rulesSchema = Type.Object(
  { rules: Type.Array(ruleSchema, { maxItems: RULES_MAX }) },
  { additionalProperties: false },
);
const indexParameter = Type.Object({ index: Type.Integer({ minimum: 0, description: "Position, from 0 on." }) });
const errors = { "4xx": problemSchema, 501: problemSchema };

export function accessRoutes(app: AdminApp, { options }: AdminContext): void {
  const store = (): AccessRuleStore => available(options.accessRules, "access rules that can be managed");
  const rules = () => ({ rules: [...store().rules()] as never[] });
  const replace = async (changed: readonly AccessRule[]) => {
    if (changed.length > RULES_MAX) throw new Problem(409, `There may be ${RULES_MAX} rules.`);
    await store().replace(changed);
    return rules();
  };
  const existing = (index: number): AccessRule[] => {
    const all = [...store().rules()];
    if (index >= all.length) throw notFound(`rule ${index}`);
    return all;
  };

  app.get(
    "/access/rules",
    {
      schema: {
        operationId: "listAccessRules",
        summary: "The rules, in their order",
        tags,
        response: { 200: rulesSchema, ...errors },
      },
    },
    rules,
  );

  app.put(
    "/access/rules",
    {
      schema: {
        operationId: "replaceAccessRules",
        summary: "Put other rules in the place of all",
        tags,
        body: rulesSchema,
        response: { 200: rulesSchema, ...errors },
      },
    },
    ({ body }) => replace(body.rules),
  );

  app.post(
    "/access/rules",
    {
      schema: {
        operationId: "addAccessRule",
        summary: "Add a rule",
        tags,
        querystring: Type.Object({
          index: Type.Optional(Type.Integer({ minimum: 0, description: "Before this one. Absent: behind the last." })),
        }),
        body: ruleSchema,
        response: { 200: rulesSchema, ...errors },
      },
    },
    ({ query: { index }, body }) => {
      const all = [...store().rules()];
      return replace(all.toSpliced(index ?? all.length, 0, body));
    },
  );

  app.put(
    "/access/rules/:index",
    {
      schema: {
        operationId: "replaceAccessRule",
        summary: "Put another rule in the place of one",
        tags,
        params: indexParameter,
        body: ruleSchema,
        response: { 200: rulesSchema, ...errors },
      },
    },
    ({ params: { index }, body }) => replace(existing(index).with(index, body)),
  );

  app.delete(
    "/access/rules/:index",
    {
      schema: {
        operationId: "deleteAccessRule",
        summary: "Delete a rule",
        tags,
        params: indexParameter,
        response: { 200: rulesSchema, ...errors },
      },
    },
    ({ params: { index } }) => replace(existing(index).toSpliced(index, 1)),
  );
}
