/** The whole of `tidings.yaml`. What belongs together but stands apart is checked in `check-whole.ts`. */
import { z } from "zod";
import { adminSchema, metricsSchema } from "./admin-schema.js";
import { choice, count, flag, MILLISECONDS_MAX, text } from "./describe.js";
import { limitsSchema } from "./limits-schema.js";
import { listenerSchema } from "./listener-schema.js";
import { protectionSchema } from "./protection-schema.js";
import { accessSchema, authenticationSchema } from "./security-schema.js";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export const DURABILITIES = ["fsync", "write", "none"] as const;

const log = z.strictObject({
  level: choice(LOG_LEVELS, "Least important level to log. Default: info.").optional(),
  format: choice(["auto", "json", "pretty"], "auto: lines for people on a terminal, JSON elsewhere.").optional(),
});

const storage = z.strictObject({
  directory: text("Where sessions and retained messages are kept. Default: that of the platform.").optional(),
  memory: flag("Keeps them in memory, and loses them at exit. Default: false.").optional(),
  durability: choice(
    DURABILITIES,
    "Acknowledge when the disk has it (fsync), the system has it (write), or at once (none). Default: fsync.",
  ).optional(),
});

const features = z.strictObject({
  maximumQoS: z.literal([0, 1, 2]).meta({ description: "Highest QoS. Default: 2." }).optional(),
  retainAvailable: flag("Retained messages. Default: true.").optional(),
  wildcardSubscriptionAvailable: flag("Wildcards in subscriptions. Default: true.").optional(),
  subscriptionIdentifierAvailable: flag("Subscription Identifiers. Default: true.").optional(),
  sharedSubscriptionAvailable: flag("Shared subscriptions. Default: true.").optional(),
  sharedSubscriptionStrategy: choice(
    ["round-robin", "random", "sticky", "least-in-flight"],
    "Which member of a shared subscription gets the next message. Default: round-robin.",
  ).optional(),
  validatePayloadFormat: flag("Checks that payloads marked as text are UTF-8. Default: false.").optional(),
  queueQoS0: flag("Keeps QoS 0 messages too for clients that are away. Default: false.").optional(),
  acceptLongIdentifiers: flag(
    "Client Identifiers beyond 23 characters from 3.1 clients too. Default: true.",
  ).optional(),
  refusedPublishBefore5: choice(
    ["acknowledge", "close"],
    "How a refused PUBLISH of a 3.x client is answered. Default: acknowledge.",
  ).optional(),
});

const drain = z.strictObject({
  overMs: count(
    0,
    MILLISECONDS_MAX,
    "Time over which clients are sent away at a stop. Default: 0, all at once.",
  ).optional(),
  graceMs: count(0, MILLISECONDS_MAX, "How long clients have to take their last packets. Default: 2000.").optional(),
  serverReference: text("Another server, named to 5.0 clients at a stop (0x9C).").optional(),
  isMovedForGood: flag("Clients should use the other server from now on (0x9D). Default: false.").optional(),
});

export const configurationSchema = z
  .strictObject({
    listeners: z
      .array(listenerSchema)
      .min(1)
      .meta({ description: "Where clients connect. Default: TCP on 127.0.0.1:1883, WebSocket on 127.0.0.1:8083." })
      .optional(),
    authentication: authenticationSchema
      .meta({ description: "Who may come in. Default: everybody, from this machine." })
      .optional(),
    access: accessSchema
      .meta({ description: "What clients may do. Default: everything; once written, what is not allowed is denied." })
      .optional(),
    protection: protectionSchema.meta({ description: "Against those who try too often." }).optional(),
    limits: limitsSchema.meta({ description: "See docs/limits.md." }).optional(),
    features: features.meta({ description: "What the broker offers. Read at start." }).optional(),
    storage: storage.meta({ description: "Read at start." }).optional(),
    admin: adminSchema
      .meta({ description: "The admin API, /metrics, /healthz and /readyz. Default: off. Read at start." })
      .optional(),
    metrics: metricsSchema.meta({ description: "What the broker tells by itself. Read at start." }).optional(),
    log: log.meta({ description: "The log on stdout." }).optional(),
    drain: drain.meta({ description: "How the broker stops." }).optional(),
  })
  .meta({ title: "tidings.yaml", description: "Configuration of the Tidings MQTT broker." });

export type Configuration = z.output<typeof configurationSchema>;
