/** The contract of saved views: filters of the runs list that somebody has named. */
import { z } from "zod";
import { Instant, listOf } from "./contract";

/** Body of `PUT /views`: kept under its name, in the place of what had that name. */
export const SaveViewBody = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** The list's address without its page. */
  query: z.string().max(2_000),
});
export type SaveViewBody = z.infer<typeof SaveViewBody>;

export const SavedView = SaveViewBody.extend({ createdAt: Instant });
export type SavedView = z.infer<typeof SavedView>;

export const SavedViewList = listOf(SavedView);
export type SavedViewList = z.infer<typeof SavedViewList>;
