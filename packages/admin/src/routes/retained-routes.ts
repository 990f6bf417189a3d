/** Retained messages. */
import { type Static, Type } from "@sinclair/typebox";
import type { ApplicationMessage } from "@tidings/broker";
import { isTopicFilter, isTopicName } from "@tidings/topic";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { momentOf } from "../client-entry.js";
import { describePayload, describeProperties, payloadSchema, propertiesSchema } from "../message-entry.js";
import { afterOf, cutPage, pageOf, pageQuery } from "../page.js";
import { notFound, Problem, problemSchema } from "../problem.js";

const tags = ["retained"];
const DELETED_MAX = 1000;
/** Of each payload, in a list. */
const PAYLOAD_BYTES_MAX = 4096;

const entrySchema = Type.Object({
  topicName: Type.String(),
  qos: Type.Integer(),
  payloadBytes: Type.Integer(),
  publisher: Type.Optional(Type.String({ description: "Client Identifier. Absent: the host process." })),
  expiresAt: Type.Optional(Type.String({ format: "date-time" })),
});
const messageSchema = Type.Composite([
  entrySchema,
  payloadSchema,
  Type.Object({ properties: Type.Optional(propertiesSchema) }),
]);
const topicFilter = Type.String({ default: "#", description: "Which ones. Default: all but those of `$…` topics." });

export function retainedRoutes(app: AdminApp, { options: { broker } }: AdminContext): void {
  const find = (filter: string, limit: number, after?: string): ApplicationMessage[] => {
    if (!isTopicFilter(filter)) throw new Problem(400, `topicFilter "${filter}" is no Topic Filter.`);
    return broker.retainedMessages(filter, limit, after);
  };

  app.get(
    "/retained",
    {
      schema: {
        operationId: "listRetainedMessages",
        summary: "Retained messages, by topic",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          topicFilter,
          payload: Type.Boolean({
            default: false,
            description: `With payloads, ${PAYLOAD_BYTES_MAX} bytes of each at most.`,
          }),
        }),
        response: {
          200: pageOf(Type.Composite([entrySchema, Type.Partial(payloadSchema)]), "Retained messages."),
          "4xx": problemSchema,
        },
      },
    },
    ({ query }) => {
      const found = find(query.topicFilter, query.limit + 1, afterOf(query));
      const { items, ...rest } = cutPage(found, ({ topicName }) => topicName, query);
      const describe = (message: ApplicationMessage) => ({
        ...describeEntry(message),
        ...(query.payload && describePayload(message.payload, PAYLOAD_BYTES_MAX)),
      });
      return { ...rest, items: items.map(describe) };
    },
  );

  app.get(
    "/retained/message",
    {
      schema: {
        operationId: "getRetainedMessage",
        summary: "The retained message of a topic",
        tags,
        querystring: Type.Object({ topicName: Type.String({ minLength: 1 }) }),
        response: { 200: messageSchema, "4xx": problemSchema },
      },
    },
    ({ query: { topicName } }) => {
      const message = broker.retainedMessage(topicName);
      if (message === undefined) throw notFound(`retained message at ${topicName}`);
      return {
        ...describeEntry(message),
        ...describePayload(message.payload),
        properties: describeProperties(message),
      };
    },
  );

  /** The way of MQTT: an empty retained message. */
  const clear = async (topicName: string): Promise<void> => {
    const { reasonCode } = await broker.publish({ topicName, payload: "", retain: true });
    if (reasonCode >= 0x80) throw new Problem(409, `The broker refused to clear ${topicName}: reason ${reasonCode}.`);
  };

  app.delete(
    "/retained/message",
    {
      schema: {
        operationId: "deleteRetainedMessage",
        summary: "Clear the retained message of a topic; subscribers get an empty message, as by MQTT",
        tags,
        querystring: Type.Object({ topicName: Type.String({ minLength: 1 }) }),
        response: { 204: Type.Null({ description: "Done." }), "4xx": problemSchema },
      },
    },
    async ({ query: { topicName } }, reply) => {
      if (!isTopicName(topicName) || broker.retainedMessage(topicName) === undefined) {
        throw notFound(`retained message at ${topicName}`);
      }
      await clear(topicName);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/retained",
    {
      schema: {
        operationId: "deleteRetainedMessages",
        summary: `Clear the retained messages that a filter matches, ${DELETED_MAX} at a time`,
        tags,
        querystring: Type.Object({ topicFilter: Type.String({ minLength: 1 }) }),
        response: {
          200: Type.Object({ deleted: Type.Integer(), hasMore: Type.Boolean({ description: "Ask again." }) }),
          "4xx": problemSchema,
        },
      },
    },
    async ({ query }) => {
      const found = find(query.topicFilter, DELETED_MAX + 1);
      const topics = found.slice(0, DELETED_MAX).map(({ topicName }) => topicName);
      for (const topicName of topics) await clear(topicName);
      return { deleted: topics.length, hasMore: found.length > DELETED_MAX };
    },
  );
}

function describeEntry(message: ApplicationMessage): Static<typeof entrySchema> {
  const { topicName, qos, payloadBytes, publisherIdentifier, expiresAtMs } = message;
  return { topicName, qos, payloadBytes, publisher: publisherIdentifier, expiresAt: momentOf(expiresAtMs) };
}
