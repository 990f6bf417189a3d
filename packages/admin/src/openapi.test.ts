/** The document is a valid one, and about every route. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { Broker } from "@tidings/broker";
import { expect, test } from "vitest";
import { buildAdmin } from "./create-admin.js";
import { TOKEN } from "./testing/start-admin.js";

test("the document is valid OpenAPI 3.1", async () => {
  const app = await buildAdmin({ broker: new Broker(), version: "1", tokens: [TOKEN] });
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(app.swagger())));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  await app.close();
});

test("every route is in it, with a summary, and its answers", async () => {
  const app = await buildAdmin({ broker: new Broker(), version: "1", tokens: [TOKEN] });
  const { openapi, paths = {} } = app.swagger() as {
    openapi: string;
    paths?: Record<string, Record<string, Operation>>;
  };
  expect(openapi).toBe("3.1.0");
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  for (const { path, method, operation } of operations) {
    expect(operation.operationId, `${method} ${path}`).toBeTypeOf("string");
    expect(operation.summary, `${method} ${path}`).toBeTypeOf("string");
    expect(Object.keys(operation.responses).length, `${method} ${path}`).toBeGreaterThan(0);
    expect(app.hasRoute({ method: method.toUpperCase() as "GET", url: path.replace(/\{(\w+)\}/g, ":$1") })).toBe(true);
  }
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  // What fastify prints of its own table: one word for each method of a route.
  const printed = app.printRoutes({ commonPrefix: false }).match(/\((?:[A-Z, ]+)\)/g) ?? [];
  expect(printed.flatMap((methods) => methods.split(","))).toHaveLength(operations.length);
  await app.close();
});

interface Operation {
  operationId?: string;
  summary?: string;
  responses: object;
}
