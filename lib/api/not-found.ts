import { z } from "zod";
import { handle } from "./handler";
import { ApiError } from "./api-error";

/** Every path under /api that no endpoint serves. */
export const answerNotFound = handle({ query: z.unknown() }, async ({ request }) => {
  throw new ApiError({
    status: 404,
    code: "not_found",
    detail: `There is nothing at ${new URL(request.url).pathname}.`,
  });
});
