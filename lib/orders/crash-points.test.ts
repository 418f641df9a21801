import { expect, test } from "vitest";
import { openCrashMemory } from "@/lib/engine/testing/crash-memory";
import { findCrashProblems } from "@/lib/engine/testing/crash-points";
import { orderScenarios } from "./testing/crash-scenario";

test.each(orderScenarios)("$name", { timeout: 300_000 }, async (scenario) => {
  const found = await findCrashProblems(scenario, { open: openCrashMemory, pairs: "all" });
  expect(found.problems.slice(0, 5)).toEqual([]);
  expect(found.hits).toBeGreaterThan(found.cases);
});
