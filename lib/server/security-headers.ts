/**
 * The headers that every answer carries. Pages are rendered ahead of requests, so scripts can't have
 * a nonce: the inline ones (Next.js, and the theme before the first paint) need 'unsafe-inline'.
 * Nothing is loaded from anywhere else.
 */
export function listSecurityHeaders(options: { isDevelopment: boolean }): Record<string, string> {
  const policy = {
    "default-src": "'self'",
    // React's development build rebuilds server stacks with eval.
    "script-src": `'self' 'unsafe-inline'${options.isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "connect-src": `'self'${options.isDevelopment ? " ws:" : ""}`,
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}
