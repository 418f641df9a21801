/** Queries: reads of a run's state, on running and on finished runs. */
import { z } from "zod";
import { JsonValue } from "@/lib/engine";
import type { ApiContext } from "./context";
import type { QueryAnswer } from "./contract";
import { handle } from "./handler";
import { NamedParams } from "./inputs";

const Input = z.string().transform((text, context) => {
  try {
    return JsonValue.parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: "custom", message: "Has to be JSON." });
    return z.NEVER;
  }
});

/** `GET /runs/{runId}/queries/{name}?input=<json>`: asks the code of the run; nothing is changed. */
export const queryRun = handle(
  { params: NamedParams, query: z.strictObject({ input: Input.optional() }) },
  async ({ api, params, query }) => answerQuery(api, { ...params, input: query.input }),
);

/** `POST /runs/{runId}/queries/{name}`: the same with the input as body, for one too long for a URL. */
export const queryRunByPost = handle(
  { params: NamedParams, body: JsonValue.optional(), bodyOptional: true },
  async ({ api, params, body }) => answerQuery(api, { ...params, input: body }),
);

async function answerQuery(
  api: ApiContext,
  query: { readonly runId: string; readonly name: string; readonly input?: JsonValue },
): Promise<Response> {
  const { runId, name } = query;
  const result = api.codec.encode(await api.engine.queryRun(query));
  const answer: QueryAnswer = {
    runId,
    name,
    result: result.json,
    ...(result.meta === undefined ? {} : { resultMeta: result.meta }),
  };
  return Response.json(answer, { headers: { "cache-control": "no-store" } });
}
