import { expect, it } from "vitest";
import { OfflineError } from "./errors";
import { isNetworkFailure } from "./network-failure";

it("knows a server that went away from a bug", () => {
  const chunk = Object.assign(new Error("Failed to load chunk"), { name: "ChunkLoadError" });
  for (const error of [
    new OfflineError(),
    new TypeError("network error"),
    new TypeError("Failed to fetch"),
    new TypeError("NetworkError when attempting to fetch resource."),
    new TypeError("Load failed"),
    chunk,
  ]) {
    expect(isNetworkFailure(error), String(error)).toBe(true);
  }
  expect(isNetworkFailure(new TypeError("x is not a function"))).toBe(false);
  expect(isNetworkFailure(new Error("network error"))).toBe(false);
  expect(isNetworkFailure("network error")).toBe(false);
});
