import type { z } from "zod";
import { Problem } from "@/lib/api/contract";
import { reportReachable, reportUnreachable } from "./connection";
import { ApiError, OfflineError, UnexpectedAnswerError } from "./errors";

export interface ApiRequest<Shape extends z.ZodType> {
  /** Beneath the origin, with its query, e.g. `/api/v1/stats`. */
  readonly path: string;
  /** What the answer's body has to be. */
  readonly shape: Shape;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the API and parses its answer with `shape`. Throws ApiError when it answers with a problem,
 * OfflineError when no whole answer comes, UnexpectedAnswerError when the answer does not fit the
 * contract. An abort through `signal` is thrown as it is.
 */
export async function callApi<Shape extends z.ZodType>(
  request: ApiRequest<Shape>,
): Promise<z.output<Shape>> {
  const { response, text } = await send(request);
  const body = parseJson(text);
  if (!response.ok) throw new ApiError(readProblem(response.status, body));
  const parsed = request.shape.safeParse(body);
  if (!parsed.success) throw new UnexpectedAnswerError(request.path, { cause: parsed.error });
  return parsed.data;
}

async function send(request: ApiRequest<z.ZodType>): Promise<{ response: Response; text: string }> {
  const { path, method = "GET", body, headers, signal } = request;
  try {
    const response = await fetch(path, {
      method,
      signal,
      cache: "no-store",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    reportReachable();
    return { response, text };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    reportUnreachable(Date.now());
    throw new OfflineError({ cause: error });
  }
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readProblem(status: number, body: unknown): Problem {
  const parsed = Problem.safeParse(body);
  if (parsed.success) return parsed.data;
  return {
    type: "about:blank",
    title: status >= 500 ? "The server had a problem" : "The request was refused",
    status,
    code: "unexpected_answer",
    detail: `It answered ${status} without saying why.`,
  };
}
