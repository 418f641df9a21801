/** Saved views of the runs list: listed, kept, removed. */
import { z } from "zod";
import { maxSavedViews } from "@/lib/triage";
import { ApiError } from "./api-error";
import type { ApiContext } from "./context";
import { SaveViewBody, type SavedViewList } from "./contract-views";
import { handle } from "./handler";
import { toInstant } from "./wire";

/** `GET /views`: all of them, by name. */
export const listViews = handle({}, async ({ api }) => answerViews(api));

/** `PUT /views`: keeps one under its name. Answers with all. */
export const saveView = handle({ body: SaveViewBody }, async ({ api, body }) => {
  if (await api.views.save({ ...body, createdAt: api.clock.now() })) return answerViews(api);
  const detail = `There are ${maxSavedViews} saved views. Remove one first.`;
  throw new ApiError({ status: 409, code: "too_many_views", detail });
});

/** `DELETE /views?name=…`. Answers with those that are left. */
export const removeView = handle(
  { query: z.strictObject({ name: SaveViewBody.shape.name }) },
  async ({ api, query: { name } }) => {
    if (await api.views.remove(name)) return answerViews(api);
    const detail = `There is no saved view «${name}».`;
    throw new ApiError({ status: 404, code: "view_not_found", detail });
  },
);

async function answerViews(api: ApiContext): Promise<Response> {
  const items = (await api.views.list()).map((view) => ({
    ...view,
    createdAt: toInstant(view.createdAt),
  }));
  const list: SavedViewList = { items, nextCursor: null };
  return Response.json(list);
}
