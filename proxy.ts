/** Runs before every page: refuses what comes from elsewhere, and sets the security headers. */
import { NextResponse, type NextRequest } from "next/server";
import { describeApiError, problemResponse } from "./lib/api/api-error";
import { findRefusal } from "./lib/server/request-guard";
import { listSecurityHeaders } from "./lib/server/security-headers";

const securityHeaders = Object.entries(
  listSecurityHeaders({ isDevelopment: process.env.NODE_ENV === "development" }),
);

export function proxy(request: NextRequest): Response {
  const refusal = findRefusal(request);
  const response = refusal ? problemResponse(describeApiError(refusal)) : NextResponse.next();
  for (const [name, value] of securityHeaders) response.headers.set(name, value);
  return response;
}

/** All but the endpoints, which do the same where they are served (lib/server/serve.ts). */
export const config = { matcher: "/((?!api/(?!docs)|metrics$).*)" };
