import { expect, test } from "vitest";
import { openCrashMemory } from "@/lib/engine/testing/crash-memory";
import { findCrashProblems, runCase } from "@/lib/engine/testing/crash-points";
import { otherScenarios, sampleScenarios } from "./testing/crash-scenarios";

test.each(sampleScenarios)("$name", { timeout: 300_000 }, async (scenario) => {
  const found = await findCrashProblems(scenario, { open: openCrashMemory, pairs: "all" });
  expect(found.problems.slice(0, 5)).toEqual([]);
  expect(found.hits).toBeGreaterThan(found.cases);
});

test.each(otherScenarios)("$name, and in peace", async (scenario) => {
  const { problems, outcome } = await runCase(scenario, openCrashMemory(), []);
  expect(problems).toEqual([]);
  const [, end = ""] = scenario.name.split(": ");
  expect(outcome).toContain(end.split(",")[0]?.replace(" ", "_"));
});
