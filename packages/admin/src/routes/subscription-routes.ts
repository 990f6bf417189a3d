/** Subscriptions, and the Topic Filters that they are of. */
import { Type } from "@sinclair/typebox";
import type { SubscriptionEntry } from "@tidings/broker";
import { matches, parseSharedFilter } from "@tidings/topic";
import type { AdminApp, AdminContext } from "../admin-app.js";
import { describeSubscription, subscriptionSchema } from "../client-entry.js";
import { pageOf, pageQuery, selectPage } from "../page.js";
import { problemSchema } from "../problem.js";

const tags = ["subscriptions"];

export function subscriptionRoutes(app: AdminApp, { options: { broker } }: AdminContext): void {
  app.get(
    "/subscriptions",
    {
      schema: {
        operationId: "listSubscriptions",
        summary: "Subscriptions, by Topic Filter and Client Identifier",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          clientId: Type.Optional(Type.String({ description: "Of one client." })),
          topicFilter: Type.Optional(Type.String({ description: "With exactly this filter." })),
          topicName: Type.Optional(Type.String({ description: "That match this topic: who gets a message there." })),
        }),
        response: { 200: pageOf(subscriptionSchema, "Subscriptions."), "4xx": problemSchema },
      },
    },
    ({ query }) => {
      const { clientId, topicFilter, topicName } = query;
      const matching = function* (): Iterable<SubscriptionEntry> {
        for (const entry of clientId === undefined ? broker.subscriptions() : broker.subscriptionsOf(clientId)) {
          if (topicFilter !== undefined && entry.topicFilter !== topicFilter) continue;
          if (topicName !== undefined && !matches(plainFilter(entry.topicFilter), topicName)) continue;
          yield entry;
        }
      };
      const { items, ...rest } = selectPage(matching(), keyOf, query);
      return { ...rest, items: items.map(describeSubscription) };
    },
  );

  app.get(
    "/topics",
    {
      schema: {
        operationId: "listTopicFilters",
        summary: "Topic Filters that somebody is subscribed to, and how many are",
        tags,
        querystring: Type.Object({
          ...pageQuery,
          search: Type.Optional(Type.String({ description: "Part of the filter." })),
        }),
        response: {
          200: pageOf(Type.Object({ topicFilter: Type.String(), subscribers: Type.Integer() }), "Topic Filters."),
          "4xx": problemSchema,
        },
      },
    },
    ({ query }) => {
      const { search } = query;
      const counts = new Map<string, number>();
      for (const { topicFilter } of broker.subscriptions()) {
        if (search === undefined || topicFilter.includes(search)) {
          counts.set(topicFilter, (counts.get(topicFilter) ?? 0) + 1);
        }
      }
      const { items, ...rest } = selectPage(counts, ([topicFilter]) => topicFilter, query);
      return { ...rest, items: items.map(([topicFilter, subscribers]) => ({ topicFilter, subscribers })) };
    },
  );
}

function plainFilter(topicFilter: string): string {
  return parseSharedFilter(topicFilter)?.topicFilter ?? topicFilter;
}

/** No filter and no Client Identifier has U+0000 in it (MQTT 5.0 section 1.5.4). */
function keyOf({ topicFilter, clientIdentifier = "" }: SubscriptionEntry): string {
  return `${topicFilter}\0${clientIdentifier}`;
}
