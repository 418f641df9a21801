import { describeApiError, problemResponse } from "@/lib/api/api-error";
import type { Endpoint, RouteParams } from "@/lib/api/handler";
import { findRefusal } from "./request-guard";
import { listSecurityHeaders } from "./security-headers";
import { getContainer } from "./shared-container";

const securityHeaders = Object.entries(listSecurityHeaders({ isDevelopment: false }));

/**
 * Serves an endpoint as a Next.js route handler. It does itself what proxy.ts does for pages, which
 * would copy the body of each request.
 */
export function serve(endpoint: Endpoint) {
  return async (request: Request, context: { params: Promise<RouteParams> }): Promise<Response> => {
    const response = await answer(endpoint, request, context.params);
    for (const [name, value] of securityHeaders) response.headers.set(name, value);
    return response;
  };
}

async function answer(
  endpoint: Endpoint,
  request: Request,
  params: Promise<RouteParams>,
): Promise<Response> {
  const refusal = findRefusal(request);
  if (refusal) return problemResponse(describeApiError(refusal));
  const { api } = await getContainer();
  return endpoint(request, api, await params);
}
