/** The head of the OpenAPI document; the rest is the routes' own. */
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";

export function describeApi(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tidings admin API",
        version,
        description: "See into a running Tidings MQTT broker, and change it.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer" },
          password: { type: "http", scheme: "basic" },
        },
      },
      security: [{ token: [] }, { password: [] }],
    },
  };
}
