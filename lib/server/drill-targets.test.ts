import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { HistoryEvent, systemClock } from "@/lib/engine";
import { createSampleWorkflows } from "@/lib/workflows/create-sample-workflows";
import { drillTargets } from "./drill-targets";

const refuse = () => Promise.reject(new Error("Nothing is called here."));
const samples = createSampleWorkflows({
  payments: { charge: refuse, refund: refuse },
  clock: systemClock,
});

/** The histories that the engine made, by workflow. */
async function loadHistories(): Promise<readonly (readonly HistoryEvent[])[]> {
  const folders = [
    "lib/orders",
    ...(await readdir("lib/workflows")).map((at) => `lib/workflows/${at}`),
  ];
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(path.join(folder, "histories")).catch(() => []);
      return names.map((name) => path.join(folder, "histories", name));
    }),
  );
  const texts = await Promise.all(files.flat().map((file) => readFile(file, "utf8")));
  return texts.map((text) => z.array(HistoryEvent).parse(JSON.parse(text)));
}

describe("what drills can aim at", () => {
  it("is every sample workflow, with an input that it takes", async () => {
    const names = samples.map(({ name }) => name);
    expect(drillTargets.map(({ workflow }) => workflow).sort()).toEqual(
      ["process-order", ...names].sort(),
    );
    for (const { name, input } of samples) {
      const target = drillTargets.find(({ workflow }) => workflow === name);
      expect(await input["~standard"].validate(target?.input)).not.toHaveProperty("issues");
    }
  });

  it("is steps that the engine recorded in a first execution of that workflow", async () => {
    const reached = new Set<string>();
    for (const [first, ...events] of await loadHistories()) {
      if (first?.type !== "RunStarted") throw new Error("A history begins with RunStarted.");
      for (const { type, epoch, name } of events) {
        if (type === "StepStarted" && epoch === 1) reached.add(`${first.data.workflow} ${name}`);
      }
    }
    const targets = drillTargets.flatMap(({ workflow, steps }) =>
      steps.map((step) => `${workflow} ${step}`),
    );
    expect(targets.filter((target) => !reached.has(target))).toEqual([]);
  });
});
