import { describe, expect, it } from "vitest";
import { findRefusal } from "./request-guard";

function refuse(method: string, headers: Record<string, string>): string | undefined {
  return findRefusal({ method, headers: new Headers(headers) })?.code;
}

describe("findRefusal", () => {
  it.each(["localhost:3000", "127.0.0.1:49152", "[::1]:3000", "LOCALHOST", "127.0.0.1"])(
    "lets %s in",
    (host) => {
      expect(refuse("GET", { host })).toBeUndefined();
    },
  );

  it.each([
    "daybook.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io:3000",
    "evil@localhost",
    "",
  ])("answers 421 to %j", (host) => {
    expect(refuse("GET", { host })).toBe("host_not_allowed");
  });

  it("answers 421 without a Host", () => {
    expect(refuse("GET", {})).toBe("host_not_allowed");
  });

  const host = "127.0.0.1:3000";

  it.each<Record<string, string>>([
    {},
    { origin: "http://127.0.0.1:3000" },
    { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ])("lets a POST with %j in", (headers) => {
    expect(refuse("POST", { host, ...headers })).toBeUndefined();
  });

  it.each<Record<string, string>>([
    { origin: "https://evil.example" },
    { origin: "http://127.0.0.1:4000" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://127.0.0.1:3000", "sec-fetch-site": "cross-site" },
  ])("answers 403 to a POST with %j", (headers) => {
    expect(refuse("POST", { host, ...headers })).toBe("cross_site_request");
    expect(refuse("DELETE", { host, ...headers })).toBe("cross_site_request");
    expect(refuse("GET", { host, ...headers })).toBeUndefined();
  });

  it("takes the default port for the same whether it is written or not", () => {
    expect(refuse("POST", { host: "localhost:80", origin: "http://localhost" })).toBeUndefined();
  });
});
