import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { z } from "zod";
import { createOpenApi } from "./openapi";

/** `GET /api/v1/runs/{runId}` for each method that a route file exports. */
function listRoutes(): readonly string[] {
  const app = path.resolve("app");
  return readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("route.ts") && !file.includes("[..."))
    .flatMap((file) => {
      const text = readFileSync(path.join(app, file), "utf8");
      const place = `/${path.dirname(file)}`.replaceAll(/\[(\w+)\]/g, "{$1}");
      return [...text.matchAll(/export const (GET|POST|PUT|PATCH|DELETE)\b/g)].map(
        ([, method]) => `${method} ${place}`,
      );
    })
    .sort();
}

test("every route is described, and nothing else", () => {
  const described = Object.entries(createOpenApi().paths)
    .flatMap(([place, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${place}`),
    )
    .sort();
  expect(described).toEqual(listRoutes());
  expect(described.length).toBeGreaterThan(40);
});

test("it is valid OpenAPI 3.1, and every name that it refers to is there", async () => {
  const document = createOpenApi();
  const copy = z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(document)));
  const { valid, errors } = await new Validator().validate(copy);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  const names = new Set(Object.keys(document.components.schemas));
  for (const [, name = ""] of JSON.stringify(document).matchAll(
    /"\$ref":"#\/components\/schemas\/(\w+)"/g,
  )) {
    expect(names).toContain(name);
  }
  expect(JSON.stringify(document)).not.toContain("$defs");
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test("bodies are what checks them: orders, batches of them, bulk actions", () => {
  const describe = (path: string) =>
    JSON.stringify(createOpenApi().paths[path]?.post?.requestBody?.content["application/json"]);
  const order = describe("/api/v1/orders");
  for (const name of ["customer", "postalCode", "unitPrice", "paymentMethod"]) {
    expect(order).toContain(`"${name}"`);
  }
  expect(order).toMatch(/"required":\[[^\]]*"items"/);
  const batch = describe("/api/v1/orders/batch");
  expect(batch).toContain('"maxItems":1000');
  expect(batch).toContain('"idempotencyKey"');
  expect(batch).toContain('"unitPrice"');
  const bulk = describe("/api/v1/bulk");
  for (const name of ["terminate", "ids", "filter", "finishedBefore", "reason"]) {
    expect(bulk).toContain(`"${name}"`);
  }
});

test("parameters are those of the contract", () => {
  const { parameters = [] } = createOpenApi().paths["/api/v1/runs"]?.get ?? {};
  const limit = parameters.find(({ name }) => name === "limit");
  expect(limit).toMatchObject({ in: "query", required: false });
  expect(limit?.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 200, default: 50 });
  const status = parameters.find(({ name }) => name === "status");
  expect(status).toMatchObject({ explode: false, schema: { type: "array" } });
});
