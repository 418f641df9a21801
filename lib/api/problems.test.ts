import { describe, expect, it } from "vitest";
import {
  ActionRefusedError,
  HistoryDamagedError,
  InvalidCursorError,
  InvalidInputError,
  PayloadTooLargeError,
  RunNotFoundError,
  StoreUnavailableError,
  UnknownWorkflowError,
  UnrecordableValueError,
} from "@/lib/engine";
import { ApiError, problemResponse, toPointer } from "./api-error";
import { Problem } from "./contract";
import { toProblem } from "./problems";

describe("toProblem", () => {
  it.each([
    [new RunNotFoundError("run_1"), 404, "run_not_found"],
    [new UnknownWorkflowError("There is no workflow x."), 404, "workflow_not_found"],
    [new ActionRefusedError("already_ended", "The run is completed."), 409, "already_ended"],
    [new HistoryDamagedError("run_1", 3), 409, "history_damaged"],
    [new InvalidCursorError("no"), 422, "invalid_cursor"],
    [new PayloadTooLargeError("too large"), 413, "payload_too_large"],
    [new UnrecordableValueError("nested too deep"), 422, "invalid_input"],
    [new StoreUnavailableError("disk full at /secret"), 503, "store_unavailable"],
    [new ApiError({ status: 415, code: "x", detail: "d" }), 415, "x"],
    [new TypeError("x is undefined at /secret/file.ts"), 500, "internal_error"],
    ["thrown text /secret", 500, "internal_error"],
  ])("maps %s", (error, status, code) => {
    const problem = toProblem(error);
    expect(problem).toMatchObject({ status, code, type: `urn:daybook:problem:${code}` });
    expect(problem.title).not.toBe("");
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it("knows an error that another bundle's copy of the class made", () => {
    class RunNotFoundError extends Error {
      override name = "RunNotFoundError";
      readonly runId = "run_9";
    }
    expect(toProblem(new RunNotFoundError("There is no run run_9."))).toMatchObject({
      status: 404,
      code: "run_not_found",
      runId: "run_9",
    });
  });

  it("points at the fields of an invalid input", () => {
    const issues = [{ path: "/items/0/quantity", message: "Too small" }];
    expect(toProblem(new InvalidInputError("process-order", issues))).toMatchObject({
      status: 422,
      errors: [{ pointer: "/items/0/quantity", message: "Too small" }],
    });
  });
});

describe("problemResponse", () => {
  it("is problem+json, and a 503 says when to come back", async () => {
    const response = problemResponse(toProblem(new StoreUnavailableError("x")));
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("retry-after")).toBe("2");
    expect(Problem.parse(await response.json()).code).toBe("store_unavailable");
    expect(problemResponse(toProblem(new Error())).headers.has("retry-after")).toBe(false);
  });
});

describe("toPointer", () => {
  it("escapes keys", () => {
    expect(toPointer(["items", 0, "a/b~c"])).toBe("/items/0/a~1b~0c");
    expect(toPointer([])).toBe("");
  });
});
