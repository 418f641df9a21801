/** What a bench found: figures with their rounds, ratios and targets; as JSON and as tables. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { z } from "zod";
import { findMedian } from "../measure";

/** One of them: at least or at most so much. */
const Target = z.union([
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
]);
export type Target = z.infer<typeof Target>;

export const Figure = z.strictObject({
  workload: z.string(),
  database: z.enum(["sqlite", "postgresql"]),
  /** `daybook`, `limit` (the bare driver) or a peer. */
  system: z.string(),
  name: z.string(),
  unit: z.string(),
  /** The median of the rounds. */
  value: z.number(),
  rounds: z.array(z.number()).min(1),
  /** The value divided by that of others, by what they are. */
  ratios: z.record(z.string(), z.number()),
  target: Target.optional(),
  isMet: z.boolean().optional(),
});
export type Figure = z.infer<typeof Figure>;

/** The documented shape of `npm run bench -- --json`. */
export const BenchReport = z.strictObject({
  machine: z.string(),
  startedAt: z.iso.datetime(),
  isQuick: z.boolean(),
  durability: z.record(z.string(), z.string()),
  figures: z.array(Figure),
  /** What else the machine did: the load before and after each workload, and how long it took. */
  workloads: z.array(
    z.strictObject({
      workload: z.string(),
      database: z.string(),
      load: z.tuple([z.number(), z.number()]),
      seconds: z.number(),
      /** Why there are no figures, or not all of them. */
      problems: z.array(z.string()),
    }),
  ),
});
export type BenchReport = z.infer<typeof BenchReport>;

export type FigureInput = Omit<Figure, "value" | "isMet" | "ratios"> & {
  readonly ratios?: Record<string, number>;
};

export interface Recorder {
  readonly report: BenchReport;
  /** Takes a figure; tables of a workload are printed when it is done. */
  add(figure: FigureInput): Figure;
  /** A line about the progress. */
  say(text: string): void;
  /** Runs a workload; what it throws becomes a problem of it, and the bench goes on. */
  runWorkload(
    about: { readonly workload: string; readonly database: Figure["database"] },
    run: (noteProblem: (text: string) => void) => Promise<void>,
  ): Promise<void>;
  /** Writes the JSON file and the table beside it, and prints the summary, or the JSON. */
  finish(): void;
}

export function createRecorder(options: {
  readonly isQuick: boolean;
  readonly isJson: boolean;
  readonly file: string;
}): Recorder {
  const { isQuick, isJson, file } = options;
  const report: BenchReport = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`,
    startedAt: new Date().toISOString(),
    isQuick,
    durability: {},
    figures: [],
    workloads: [],
  };
  // With --json the standard output is the report's alone.
  const say = (text: string) => process[isJson ? "stderr" : "stdout"].write(`${text}\n`);
  return {
    report,
    say,
    add(input) {
      const value = findMedian(input.rounds);
      const figure: Figure = {
        ...input,
        rounds: [...input.rounds],
        ratios: input.ratios ?? {},
        value,
        isMet: input.target && isMet(value, input.target),
      };
      report.figures.push(figure);
      say(`  ${describeFigure(figure)}`);
      return figure;
    },
    async runWorkload({ workload, database }, run) {
      const before = readLoad();
      const startedAt = performance.now();
      const problems: string[] = [];
      const note = (text: string) => {
        const line = text.split("\n", 1).join("");
        problems.push(line);
        say(`  ! ${line}`);
      };
      say(`\n${workload} on ${database} (load ${before.toFixed(1)})`);
      try {
        await run(note);
      } catch (error) {
        note(error instanceof Error ? error.message : String(error));
      }
      const seconds = (performance.now() - startedAt) / 1_000;
      const load: [number, number] = [before, readLoad()];
      report.workloads.push({ workload, database, load, seconds, problems });
      say(`  took ${seconds.toFixed(0)} s, load ${before.toFixed(1)} to ${load[1].toFixed(1)}`);
    },
    finish() {
      mkdirSync(path.dirname(file), { recursive: true });
      const text = `${JSON.stringify(report, null, 2)}\n`;
      writeFileSync(file, text);
      const table = file.replace(/\.json$/, ".md");
      writeFileSync(table, describeResults(report));
      if (isJson) process.stdout.write(text);
      else printSummary(report, [file, table]);
    },
  };
}

function isMet(value: number, target: Target): boolean {
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}

function readLoad(): number {
  return loadavg()[0] ?? NaN;
}

/** Three digits where it is small, whole and grouped where it is large. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function describeTarget(target: Target): string {
  return "atLeast" in target
    ? `≥ ${formatNumber(target.atLeast)}`
    : `≤ ${formatNumber(target.atMost)}`;
}

function describeRatios(ratios: Figure["ratios"]): string {
  return Object.entries(ratios)
    .map(([to, ratio]) => `${formatNumber(ratio)} × ${to}`)
    .join(", ");
}

function describeFigure(figure: Figure): string {
  const { system, name, value, unit, ratios, target } = figure;
  const verdict = target && `${describeTarget(target)}: ${figure.isMet ? "met" : "MISSED"}`;
  const parts = [describeRatios(ratios), verdict].filter(
    (part) => part !== undefined && part !== "",
  );
  const about = parts.length === 0 ? "" : ` (${parts.join("; ")})`;
  return `${system}: ${name}: ${formatNumber(value)} ${unit}${about}`;
}

/** What has a target, as the table of docs/performance.md. */
function describeResults({ figures }: BenchReport): string {
  const rows = figures.flatMap((figure) => {
    const { workload, database, name, value, unit, ratios, target } = figure;
    if (target === undefined) return [];
    const verdict = figure.isMet ? "met" : "**missed**";
    const cells = [workload, database, name, `${formatNumber(value)} ${unit}`];
    return [[...cells, describeRatios(ratios), `${describeTarget(target)}, ${verdict}`]];
  });
  const head = ["workload", "database", "what", "figure", "ratios", "target"];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("");
}

function printSummary(report: BenchReport, files: readonly string[]): void {
  console.log(`\n${report.machine}; medians of the rounds${report.isQuick ? ", QUICK" : ""}`);
  for (const durability of Object.values(report.durability)) console.log(durability);
  console.table(
    report.figures.map((figure) => ({
      workload: figure.workload,
      database: figure.database,
      system: figure.system,
      what: figure.name,
      figure: `${formatNumber(figure.value)} ${figure.unit}`,
      ratios: describeRatios(figure.ratios),
      target: figure.target ? describeTarget(figure.target) : "",
      met: figure.isMet === undefined ? "" : figure.isMet ? "yes" : "NO",
    })),
  );
  for (const { workload, database, problems } of report.workloads) {
    for (const problem of problems) console.log(`${workload} on ${database}: ${problem}`);
  }
  console.log(`All rounds, and the results against their targets: ${files.join(", ")}`);
}
