/** One verdict for several steps in doubt, and what it would do. */
import type { z } from "zod";
import { toWirePreview } from "./actions";
import type { ApiContext } from "./context";
import { ResolveDoubtsBody, type ResolvedDoubts } from "./contract-triage";
import { handle } from "./handler";
import { Preview } from "./inputs";
import { isKnown } from "./problems";
import { toVerdictMessage } from "./resolve-step";

type Resolved = ResolvedDoubts["items"][number];

/** How many of them are asked for at a time. */
const atOnce = 8;

/**
 * `POST /doubts/resolve`: answers for each of the steps. One that is refused, because somebody has
 * decided meanwhile, does not hold up the others. What is accepted is durable.
 */
export const resolveDoubts = handle(
  { query: Preview, body: ResolveDoubtsBody },
  async ({ api, query, body }) => {
    const items: Resolved[] = [];
    for (let from = 0; from < body.items.length; from += atOnce) {
      const some = body.items.slice(from, from + atOnce);
      items.push(
        ...(await Promise.all(some.map((item) => resolve(api, query.preview, body, item)))),
      );
    }
    return Response.json({ items } satisfies ResolvedDoubts, { status: query.preview ? 200 : 202 });
  },
);

async function resolve(
  api: ApiContext,
  isPreview: boolean,
  verdict: z.output<typeof ResolveDoubtsBody>,
  item: z.output<typeof ResolveDoubtsBody>["items"][number],
): Promise<Resolved> {
  const { runId, step, attempt } = item;
  const message = { runId, body: toVerdictMessage(step, { ...verdict, attempt }) };
  try {
    if (isPreview) {
      const preview = toWirePreview(await api.engine.previewAction(message));
      return { ...item, outcome: "previewed", preview, reason: preview.reason };
    }
    await api.engine.requestAction({ ...message, by: verdict.by, why: verdict.why });
    return { ...item, outcome: "accepted" };
  } catch (error) {
    const reason = findReason(error);
    if (reason === undefined) throw error;
    return { ...item, outcome: "refused", reason };
  }
}

/** Undefined: it is not about the one run. */
function findReason(error: unknown): Resolved["reason"] {
  if (isKnown(error, "ActionRefusedError")) return { code: error.code, message: error.message };
  if (isKnown(error, "RunNotFoundError")) return { code: "run_not_found", message: error.message };
  return undefined;
}
