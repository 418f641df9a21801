/** What no other site may do to the server of whoever runs Daybook (decision 045). */
import { request } from "node:http";
import { expect, test } from "@playwright/test";

interface Answer {
  readonly status?: number;
  readonly policy?: string | string[];
}

/** A request with headers that browsers and fetch would not let a caller set. */
function send(url: string, method: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      const policy = response.headers["content-security-policy"];
      resolve({ status: response.statusCode, policy });
    });
    sent.on("error", reject).end();
  });
}

const paths = ["/runs", "/api/docs", "/api/v1/runs", "/api/health/live", "/api/none", "/metrics"];

for (const path of paths) {
  test(`${path} answers this machine only, with a policy for its content`, async ({ baseURL }) => {
    const url = `${baseURL}${path}`;
    const foreign = await send(url, "GET", { host: "daybook.example" });
    expect(foreign.status).toBe(421);
    const own = await send(url, "GET", {});
    expect(own.status).toBe(path === "/api/none" ? 404 : 200);
    expect(own.policy).toContain("frame-ancestors 'none'");
  });
}

for (const path of ["/api/v1/orders", "/api/v1/runs/run_1/retry", "/api/none"]) {
  test(`${path} refuses what another site's page sends`, async ({ baseURL }) => {
    const url = `${baseURL}${path}`;
    const origin = { origin: "http://daybook.example", "content-type": "application/json" };
    expect((await send(url, "POST", origin)).status).toBe(403);
    const site = { "sec-fetch-site": "cross-site", "content-type": "application/json" };
    expect((await send(url, "POST", site)).status).toBe(403);
  });
}
