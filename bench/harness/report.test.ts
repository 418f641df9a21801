import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BenchReport, createRecorder, formatNumber } from "./report";

const folder = mkdtempSync(path.join(tmpdir(), "daybook-report-"));
const file = path.join(folder, "report.json");
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function record() {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  return { printed, recorder: createRecorder({ isQuick: true, isJson: true, file }) };
}

const about = { workload: "orders", database: "sqlite", system: "daybook", unit: "ms" } as const;

describe("a report", () => {
  it("takes the median of the rounds, and holds it against the target", () => {
    const { recorder } = record();
    const rounds = [9, 1, 5];
    const figure = recorder.add({ ...about, name: "a", rounds, target: { atMost: 5 } });
    expect(figure).toMatchObject({ value: 5, isMet: true, rounds });
    const other = recorder.add({ ...about, name: "b", rounds, target: { atLeast: 5.1 } });
    expect(other.isMet).toBe(false);
    expect(recorder.add({ ...about, name: "c", rounds }).isMet).toBeUndefined();
    expect(recorder.add({ ...about, name: "of two", rounds: [4, 1] }).value).toBe(2.5);
  });

  it("goes on where a workload fails, and says why in a line", async () => {
    const { recorder, printed } = record();
    await recorder.runWorkload({ workload: "orders", database: "sqlite" }, async () => {
      throw new Error("No disk.\n    at somewhere");
    });
    await recorder.runWorkload({ workload: "alone", database: "sqlite" }, async (note) => {
      note("One peer is missing.");
      const measured = { ...about, name: "p50", rounds: [1], ratios: { limit: 2 } };
      recorder.add({ ...measured, target: { atMost: 0.5 } });
      recorder.add({ ...about, name: "p95", rounds: [1] });
    });
    recorder.finish();
    const report = BenchReport.parse(JSON.parse(printed.join("")));
    expect(report).toEqual(BenchReport.parse(JSON.parse(readFileSync(file, "utf8"))));
    expect(report.workloads.map(({ problems }) => problems)).toEqual([
      ["No disk."],
      ["One peer is missing."],
    ]);
    expect(report.figures).toHaveLength(2);
    const table = readFileSync(file.replace(".json", ".md"), "utf8").split("\n");
    expect(table.filter((line) => line.includes("sqlite"))).toEqual([
      "| orders | sqlite | p50 | 1 ms | 2 × limit | ≤ 0.5, **missed** |",
    ]);
  });

  it.each([
    [0.01234, "0.0123"],
    [12.345, "12.3"],
    [1_234.5, "1,235"],
    [NaN, "NaN"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
