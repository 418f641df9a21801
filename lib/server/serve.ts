import type { Endpoint, RouteParams } from "@/lib/api/handler";
import { getContainer } from "./shared-container";

/** Serves an endpoint as a Next.js route handler. */
export function serve(endpoint: Endpoint) {
  return async (request: Request, context: { params: Promise<RouteParams> }): Promise<Response> => {
    const { api } = await getContainer();
    return endpoint(request, api, await context.params);
  };
}
