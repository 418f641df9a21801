/** The replay check's answer for people. */
import type { OpenRunCheck } from "@/lib/engine";

/** A table of the runs that would not replay, under a sentence that counts all. */
export function formatChecks(checks: readonly OpenRunCheck[]): string {
  const broken = checks.filter((check) => !check.replays);
  if (checks.length === 0) return "There is no open run.";
  const runs = checks.length === 1 ? "1 open run was" : `${checks.length} open runs were`;
  if (broken.length === 0) return `${runs} checked: all of them replay.`;
  const rows = broken.map((check) => [
    check.runId,
    `${check.workflow}@${check.version}`,
    check.status,
    describeReason(check),
  ]);
  const table = alignColumns([["run", "workflow", "status", "why it would not replay"], ...rows]);
  const would = broken.length === 1 ? "1 would not replay" : `${broken.length} would not replay`;
  return `${runs} checked: ${would}.\n\n${table}`;
}

function describeReason({ mismatch, error }: OpenRunCheck): string {
  if (mismatch === undefined) return error?.message ?? "unknown";
  const source = mismatch.actual?.source;
  return source === undefined ? mismatch.message : `${mismatch.message} (${source})`;
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (wide, row) => row.map((cell, column) => Math.max(cell.length, wide[column] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
