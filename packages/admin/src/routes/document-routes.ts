/** The OpenAPI document. */
import { Type } from "@sinclair/typebox";
import type { AdminApp } from "../admin-app.js";
import { problemSchema } from "../problem.js";

export function documentRoutes(app: AdminApp): void {
  app.get(
    "/openapi.json",
    {
      schema: {
        operationId: "getDocument",
        summary: "This document",
        tags: ["document"],
        response: { 200: Type.Unknown({ description: "OpenAPI 3.1." }), "4xx": problemSchema },
      },
    },
    () => app.swagger(),
  );
}
