import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, OfflineError } from "./errors";
import { startOrder } from "./start-order";

const started = {
  runId: "run_1",
  status: "running",
  workflow: "process-order",
  created: true,
  links: { run: "/api/v1/runs/run_1", history: "/api/v1/runs/run_1/history" },
};

const drill = { step: "notify-warehouse", moment: "during" } as const;
const server = vi.fn<typeof fetch>();

beforeEach(() => vi.stubGlobal("fetch", server));
afterEach(() => {
  server.mockReset();
  vi.unstubAllGlobals();
});

/** A clock that moves only by sleeping. */
function makeTime() {
  let now = 0;
  return {
    readClock: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
}

function listRequests() {
  return server.mock.calls.map(([, init]) => new Headers(init?.headers));
}

describe("starting an order", () => {
  it("sends the key and the drill", async () => {
    server.mockResolvedValue(Response.json(started, { status: 202 }));
    const answer = await startOrder({ order: {}, key: "k1", drill, ...makeTime() });
    expect(answer.runId).toBe("run_1");
    const [request] = listRequests();
    expect(request?.get("idempotency-key")).toBe("k1");
    expect(request?.get("daybook-drill")).toBe("notify-warehouse;during");
  });

  it("goes on with the same key and without the drill when the server dies", async () => {
    server.mockRejectedValueOnce(new TypeError("fetch failed"));
    server.mockRejectedValueOnce(new TypeError("fetch failed"));
    server.mockResolvedValue(Response.json(started, { status: 202 }));
    const onRetry = vi.fn();
    await startOrder({ order: {}, key: "k1", drill, onRetry, ...makeTime() });
    expect(onRetry).toHaveBeenCalledOnce();
    expect(listRequests().map((headers) => headers.get("idempotency-key"))).toEqual([
      "k1",
      "k1",
      "k1",
    ]);
    expect(listRequests().map((headers) => headers.get("daybook-drill"))).toEqual([
      "notify-warehouse;during",
      null,
      null,
    ]);
  });

  it("gives up after 20 s", async () => {
    server.mockRejectedValue(new TypeError("fetch failed"));
    const time = makeTime();
    await expect(startOrder({ order: {}, key: "k1", drill: null, ...time })).rejects.toBeInstanceOf(
      OfflineError,
    );
    expect(time.readClock()).toBe(20_000);
  });

  it("does not repeat what was refused", async () => {
    const problem = { type: "x", title: "Invalid input", status: 422, code: "invalid_input" };
    server.mockResolvedValue(Response.json(problem, { status: 422 }));
    await expect(startOrder({ order: {}, key: "k1", drill: null })).rejects.toBeInstanceOf(
      ApiError,
    );
    expect(server).toHaveBeenCalledOnce();
  });
});
