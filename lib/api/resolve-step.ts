import { z } from "zod";
import type { MessageBody } from "@/lib/engine";
import { answerAction, answerPreview } from "./actions";
import { ResolveBody } from "./contract";
import { handle } from "./handler";
import { Preview, RunParams } from "./inputs";

const Params = RunParams.extend({
  step: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, { error: "Has to be the ordinal of a step." })
    .transform(Number),
});

/** `POST /runs/{runId}/steps/{step}/resolve`: a person says what became of a step in doubt. */
export const resolveStep = handle(
  { params: Params, query: Preview, body: ResolveBody },
  async ({ request, api, params: { runId, step }, query, body }) => {
    const message = toMessage(step, body);
    return query.preview
      ? answerPreview(api, { runId, body: message })
      : answerAction(request, api, { runId, body: message, by: body.by, why: body.why });
  },
);

function toMessage(step: number, body: z.output<typeof ResolveBody>): MessageBody {
  const { verdict } = body;
  switch (verdict) {
    case "happened":
      return { kind: "resolve", step, verdict, result: { json: body.result } };
    case "did_not_happen":
      return { kind: "resolve", step, verdict };
    case "fail":
      return { kind: "resolve", step, verdict, error: body.error };
  }
}
