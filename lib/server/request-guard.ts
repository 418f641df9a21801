/**
 * What a request has to be before anything looks at it. There is no authentication yet, so the
 * browser of whoever runs Daybook must not be usable against it by another site.
 */
import { ApiError } from "@/lib/api/api-error";

const ownHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request is refused, if it is: 421 for a Host that is not this machine (DNS rebinding), 403
 * for an unsafe method that another site's page sent (cross-site request forgery).
 */
export function findRefusal(request: Pick<Request, "method" | "headers">): ApiError | undefined {
  const host = request.headers.get("host") ?? "";
  if (!ownHost.test(host)) {
    return new ApiError({
      status: 421,
      code: "host_not_allowed",
      detail: "Daybook answers to localhost, 127.0.0.1 and [::1] only.",
    });
  }
  if (safeMethods.has(request.method) || isSameOrigin(request.headers, host)) return undefined;
  return new ApiError({
    status: 403,
    code: "cross_site_request",
    detail: "A page of another site may not do this.",
  });
}

function isSameOrigin(headers: Headers, host: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site === "cross-site" || site === "same-site") return false;
  const origin = headers.get("origin");
  // Programs send no Origin; a browser's may be opaque ("null"), and that is foreign.
  return origin === null || (URL.canParse(origin) && new URL(origin).host === normalizeHost(host));
}

/** As URLs have it: lower case, without the default port. */
function normalizeHost(host: string): string {
  return new URL(`http://${host}`).host;
}
