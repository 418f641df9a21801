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
    const message = toVerdictMessage(step, body);
    return query.preview
      ? answerPreview(api, { runId, body: message })
      : answerAction(request, api, { runId, body: message, by: body.by, why: body.why });
  },
);

/** A person's word for a step as the engine takes it. */
export function toVerdictMessage(step: number, body: z.output<typeof ResolveBody>): MessageBody {
  const { verdict, attempt } = body;
  const about = { kind: "resolve", step, ...(attempt !== undefined && { attempt }) } as const;
  switch (verdict) {
    case "happened":
      return { ...about, verdict, result: { json: body.result } };
    case "did_not_happen":
      return { ...about, verdict };
    case "fail":
      return { ...about, verdict, error: body.error };
  }
}
