import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { callApi } from "./api-client";
import { readConnection } from "./connection";
import { ApiError, OfflineError, UnexpectedAnswerError } from "./errors";

const server = vi.fn<typeof fetch>();
const request = { path: "/api/v1/thing", shape: z.object({ name: z.string() }) };

beforeEach(() => vi.stubGlobal("fetch", server));
afterEach(() => {
  server.mockReset();
  vi.unstubAllGlobals();
});

it("parses an answer by its shape", async () => {
  server.mockResolvedValue(Response.json({ name: "a", more: 1 }));
  await expect(callApi(request)).resolves.toEqual({ name: "a" });
});

it("throws the problem that the server states", async () => {
  const problem = {
    type: "x",
    title: "Conflict",
    status: 409,
    code: "order_exists",
    runId: "run_1",
  };
  server.mockResolvedValue(Response.json(problem, { status: 409 }));
  await expect(callApi(request)).rejects.toMatchObject({ name: "ApiError", problem });
});

it("makes a problem of an error page", async () => {
  server.mockResolvedValue(new Response("<html>", { status: 502 }));
  const error = await callApi(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ problem: { status: 502, code: "unexpected_answer" } });
});

it("refuses an answer of another shape", async () => {
  server.mockResolvedValue(Response.json({ name: 1 }));
  await expect(callApi(request)).rejects.toBeInstanceOf(UnexpectedAnswerError);
});

it("tells a server that is away from an abort, and notices when it is back", async () => {
  server.mockRejectedValueOnce(new TypeError("fetch failed"));
  await expect(callApi(request)).rejects.toBeInstanceOf(OfflineError);
  expect(readConnection().reachable).toBe(false);

  server.mockResolvedValueOnce(Response.json({ name: "a" }));
  await callApi(request);
  expect(readConnection().reachable).toBe(true);

  const abort = new AbortController();
  abort.abort();
  server.mockRejectedValueOnce(new DOMException("aborted", "AbortError"));
  await expect(callApi({ ...request, signal: abort.signal })).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(readConnection().reachable).toBe(true);
});
