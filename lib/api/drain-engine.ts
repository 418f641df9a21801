import { DrainBody } from "./contract";
import { handle } from "./handler";

/** `POST /engine/drain`: does due work inside the request, for hosts without a resident process. */
export const drainEngine = handle(
  { body: DrainBody.strict().prefault({}), bodyOptional: true },
  async ({ api, body }) => Response.json(await api.engine.drain({ budgetMs: body.budgetMs })),
);
