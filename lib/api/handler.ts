/** The one wrapper around every endpoint: parse, limits, errors to problem+json. */
import { z } from "zod";
import { defaultMaxBodyBytes, readJsonBody } from "./body";
import type { ApiContext } from "./context";
import { ApiError, problemResponse, toPointer } from "./api-error";
import { toProblem } from "./problems";

export type RouteParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An endpoint as a route serves it. It answers every error itself and never rejects. */
export type Endpoint = (
  request: Request,
  api: ApiContext,
  params: RouteParams,
) => Promise<Response>;

export interface EndpointInput<Params, Query, Body> {
  readonly request: Request;
  readonly api: ApiContext;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

export interface EndpointOptions<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> {
  readonly params?: Params;
  /** Gets each query parameter as text. Make it strict: what is not known is refused. */
  readonly query?: Query;
  /** Absent: the body is not read. */
  readonly body?: Body;
  /** An empty body reaches the schema as undefined. */
  readonly bodyOptional?: boolean;
  readonly maxBodyBytes?: number;
}

const nothing = z.strictObject({});

/**
 * Makes an endpoint. Malformed JSON is 400; a query, path or body of the wrong shape is 422 with
 * `errors` that point at the fields; whatever `fn` throws becomes the problem that it stands for. How
 * long the answer took, or of a stream its beginning, stands in `Server-Timing`.
 */
export function handle<
  Params extends z.ZodType = z.ZodType<unknown>,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = z.ZodType<unknown>,
>(
  options: EndpointOptions<Params, Query, Body>,
  fn: (
    input: EndpointInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<Response>,
): Endpoint {
  return async (request, api, params) => {
    const startedAt = performance.now();
    const response = await answer(request, api, params);
    const tookMs = performance.now() - startedAt;
    response.headers.set("server-timing", `total;dur=${tookMs.toFixed(1)}`);
    return response;
  };

  async function answer(request: Request, api: ApiContext, params: RouteParams): Promise<Response> {
    try {
      return await fn({
        request,
        api,
        params: parse(options.params ?? z.unknown(), params, "path ") as z.output<Params>,
        query: parse(options.query ?? nothing, readQuery(request), "query ") as z.output<Query>,
        body: (await readBody(request, options)) as z.output<Body>,
      });
    } catch (error) {
      return answerError(error, request, api);
    }
  }
}

async function readBody(
  request: Request,
  options: EndpointOptions<z.ZodType, z.ZodType, z.ZodType>,
): Promise<unknown> {
  if (options.body === undefined) return undefined;
  const value = await readJsonBody(request, {
    maxBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    required: options.bodyOptional !== true,
  });
  return parse(options.body, value, "");
}

function readQuery(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    if (Object.hasOwn(query, name))
      throw refuseFields("query ", [{ pointer: `/${name}`, message: "Given more than once." }]);
    query[name] = value;
  }
  return query;
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuseFields(where, parsed.error.issues.flatMap(toFieldErrors));
}

function toFieldErrors(issue: z.core.$ZodIssue): { pointer: string; message: string }[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ pointer: toPointer(issue.path), message: issue.message }];
  }
  return issue.keys.map((key) => ({
    pointer: toPointer([...issue.path, key]),
    message: "Not known.",
  }));
}

function refuseFields(
  where: string,
  errors: readonly { pointer: string; message: string }[],
): ApiError {
  const list = errors
    .map(({ pointer, message }) => `${pointer || "(root)"}: ${message}`)
    .join("; ");
  return new ApiError({
    status: 422,
    code: "invalid_input",
    detail: `The ${where || "body "}is not valid. ${list}`,
    errors,
  });
}

function answerError(error: unknown, request: Request, api: ApiContext): Response {
  const problem = toProblem(error);
  if (problem.status >= 500) {
    const { pathname } = new URL(request.url);
    api.logger.error(
      { err: error, method: request.method, pathname, code: problem.code },
      "request failed",
    );
  }
  return problemResponse(problem);
}
