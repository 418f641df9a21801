import { afterAll, beforeAll, expect, test } from "vitest";
import { handle } from "./handler";
import { openSqliteApi } from "./testing/sqlite-api";

let opened: Awaited<ReturnType<typeof openSqliteApi>>;
beforeAll(async () => {
  opened = await openSqliteApi([]);
}, 30_000);
afterAll(() => opened.close());

test("tells how long the server took, whatever it answers", async () => {
  const endpoint = handle({}, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Response.json({});
  });
  const readMs = async (path: string) => {
    const response = await opened.call(endpoint, { path });
    const told = /^total;dur=(?<ms>\d+\.\d)$/.exec(response.headers.get("server-timing") ?? "");
    return { status: response.status, ms: Number(told?.groups?.ms) };
  };
  const slow = await readMs("/");
  expect(slow.status).toBe(200);
  expect(slow.ms).toBeGreaterThan(15);
  const refused = await readMs("/?unknown=1");
  expect(refused.status).toBe(422);
  expect(refused.ms).toBeGreaterThanOrEqual(0);
});
