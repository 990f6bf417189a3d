/** The sections `admin` and `metrics`: who may look into the broker, and what it tells by itself. Built by `admin/`. */
import { z } from "zod";
import { count, flag, MILLISECONDS_MAX, secret, text } from "./describe.js";

const administrator = z.strictObject({
  name: text("User name."),
  password: secret("Hash, as `tidings passwd` or `mosquitto_passwd` make it."),
});

export const adminSchema = z.strictObject({
  host: text("Address. Default: 127.0.0.1.").optional(),
  port: count(0, 65_535, "Default: 8880; 0: any that is free.").optional(),
  token: secret("Bearer token, 16 characters or more.").optional(),
  administrators: z.array(administrator).min(1).meta({ description: "Who may come in by password." }).optional(),
  guardsMetrics: flag("/metrics needs the token, too. Default: false.").optional(),
});

const sysTopics = z.strictObject({
  isOff: flag("Default: false.").optional(),
  intervalMs: count(
    100,
    MILLISECONDS_MAX,
    "Between two rounds; only changes are published. Default: 10000.",
  ).optional(),
});

const openTelemetry = z.strictObject({
  url: z.url().meta({ description: "Collector, OTLP over HTTP, such as http://localhost:4318." }),
  traces: flag("Follows messages that carry `traceparent`. Default: false.").optional(),
  metricsIntervalMs: count(1000, MILLISECONDS_MAX, "Between two exports. Default: 60000.").optional(),
  headers: z
    .record(z.string(), z.string().meta({ secret: true }))
    .meta({ description: "Sent with each export." })
    .optional(),
});

export const metricsSchema = z.strictObject({
  sysTopics: sysTopics.meta({ description: "Topics below $SYS/broker/." }).optional(),
  openTelemetry: openTelemetry.meta({ description: "Default: off." }).optional(),
});
