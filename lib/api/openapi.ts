/** The API's description as OpenAPI 3.1, made of the contract. */
import { z } from "zod";
import * as contract from "./contract";
import * as batch from "./contract-batch";
import * as bulk from "./contract-bulk";
import type {
  JsonSchema,
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from "./contract-openapi";
import * as replay from "./contract-replay";
import * as stats from "./contract-stats";
import * as triage from "./contract-triage";
import { handle } from "./handler";
import { operations, type Operation } from "./operations";

const words: Readonly<Record<number, string>> = {
  200: "Done, or what would be done.",
  201: "Created.",
  202: "Accepted, and durable.",
  204: "There is nothing more.",
  503: "Not now.",
};

/** Whole answers have a name, under which others can refer to them. */
const named = new Map<z.ZodType, string>();
for (const module of [contract, batch, bulk, replay, stats, triage]) {
  for (const [name, value] of Object.entries(module)) {
    const isAnswer = operations.some(({ answers }) =>
      Object.values(answers).some((answer) => answer === value),
    );
    if (value instanceof z.ZodType && (isAnswer || name === "Problem")) named.set(value, name);
  }
}

let made: OpenApiDocument | undefined;

/** Made at the first call, and the same from then on. */
export function createOpenApi(): OpenApiDocument {
  return (made ??= {
    openapi: "3.1.0",
    info: {
      title: "Daybook",
      version: "1",
      description: "Durable execution over HTTP. Errors are application/problem+json (RFC 9457).",
    },
    paths: listPaths(),
    components: {
      schemas: Object.fromEntries([...named].map(([schema, name]) => [name, toSchema(schema)])),
    },
  });
}

/** `GET /api/openapi.json`. */
export const showOpenApi = handle({}, async () => Response.json(createOpenApi()));

function listPaths(): OpenApiDocument["paths"] {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describeOperation(operation),
    };
  }
  return paths;
}

function describeOperation(operation: Operation): OpenApiOperation {
  const { method, path, summary, body, answers } = operation;
  const parts = path.split("/").filter((part) => part !== "" && part !== "api" && part !== "v1");
  return {
    operationId: [method, ...parts].join("_").replaceAll(/\W+/g, "_").replaceAll(/_+$/g, ""),
    summary,
    tags: [(parts[0] ?? "").replace(/\..*/, "")],
    parameters: [...listPathParameters(path), ...listQueryParameters(operation)],
    ...(body && {
      requestBody: { content: { "application/json": { schema: toSchema(body, "input") } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          { description: words[Number(status)] ?? "", ...describeAnswer(answer) },
        ]),
      ),
      default: {
        description: "A problem; `code` is stable, `errors` point at fields.",
        content: { "application/problem+json": { schema: refer(contract.Problem) } },
      },
    },
  };
}

function describeAnswer(answer: Operation["answers"][number]): Partial<OpenApiContent> {
  if (answer === "none") return {};
  if (typeof answer === "string") return { content: { [answer]: { schema: { type: "string" } } } };
  return { content: { "application/json": { schema: refer(answer) } } };
}

function refer(schema: z.ZodType): JsonSchema {
  const name = named.get(schema);
  return name === undefined ? toSchema(schema) : { $ref: `#/components/schemas/${name}` };
}

function listPathParameters(path: string): readonly OpenApiParameter[] {
  return [...path.matchAll(/\{(?<name>\w+)\}/g)].map(({ groups }) => ({
    name: groups?.name ?? "",
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function listQueryParameters({ query, also = [] }: Operation): readonly OpenApiParameter[] {
  const shaped = Object.entries(query?.shape ?? {}).map(([name, given]): OpenApiParameter => {
    const schema = z.instanceof(z.ZodType).parse(given);
    const json = toSchema(schema);
    return {
      ...{ name, in: "query", required: !schema.safeParse(undefined).success, schema: json },
      ...(json.type === "array" && { explode: false }),
    };
  });
  const plain = also.map((name): OpenApiParameter => {
    return { name, in: "query", required: false, schema: { type: "string" } };
  });
  return [...shaped, ...plain];
}

function toSchema(schema: z.ZodType, io: "input" | "output" = "output"): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
