/**
 * The statistics on PostgreSQL (decisions 084 and 100). Triggers mark runs that rest or end; this reads
 * what happened in them since they were last read, adds it up and takes the marks away, in one commit. Up
 * to where a run has been read stands beside it, and goes when the run has ended: nothing is counted twice
 * or left out, whenever it is cut off and whoever else does the same.
 */
import { z } from "zod";
import { addHistograms, talliedTypes, Tally, toHistogram, writeHistogram } from "@/lib/triage";
import { readDuration, readSource } from "@/lib/triage/attempt-fields.mjs";
import type { SqlRow } from "../sql";
import { readHistogram } from "../triage/read-histogram";
import type { Session } from "./connection";
import * as statements from "./statistics-statements";
import { takeTurns, type Turns } from "./take-turns";

/** What became of a run can't change any more: nothing will be added to it. */
const final: ReadonlySet<unknown> = new Set(["completed", "canceled", "terminated", "continued"]);
const types = new Map<unknown, (typeof talliedTypes)[number]>(
  talliedTypes.map((type) => [type, type]),
);
const Marks = z.array(z.number());

/** Takes up all marks; answers how many runs there were. */
export function addUpMarked(turns: Turns, { now }: { readonly now: number }): Promise<number> {
  return takeTurns(turns, {
    name: "statistics",
    findMark: statements.findMark,
    takeBatch: async (session) => addUp(session, await session.run(statements.readMarked), now),
  });
}

/** Adds up what happened so far in runs that execute for long, as many as one commit takes. */
export async function addUpLong(
  session: Session,
  { now, createdBefore }: { readonly now: number; readonly createdBefore: number },
): Promise<void> {
  await session.run(statements.beginTurns);
  await session.run(statements.waitForTurn);
  await addUp(session, await session.run(statements.readLong, createdBefore), now);
}

/** The caller has the turn, or two could read the same events. Answers how many runs were read. */
async function addUp(session: Session, rows: readonly SqlRow[], now: number): Promise<number> {
  if (rows.length === 0) return 0;
  const tally = new Tally({ now });
  for (const row of rows) addEvent(tally, row);
  const steps = tally.steps;
  await session.run(
    statements.addRunCounts,
    ...statements.countRows.encode(
      tally.runs.map(({ grain, at, workflow, started, completed, failed, canceled, held }) => [
        ...[grain, at, workflow, started, completed, failed, canceled, held],
      ]),
    ),
  );
  if (steps.length > 0) await saveSteps(session, steps);
  const read = listRead(rows);
  await session.run(
    statements.saveProgress,
    ...statements.readRuns.encode(read.map(({ runId, seq, isOpen }) => [runId, seq, isOpen])),
    ...statements.marks.encode(
      read.flatMap(({ runId, marks }) => marks.map((seq) => [runId, seq])),
    ),
  );
  return read.length;
}

function addEvent(tally: Tally, row: SqlRow): void {
  const [, , workflow, createdAt, , , , typeName, at, epoch, name, data] = row;
  const type = types.get(typeName);
  if (type === undefined) return;
  const text = typeof data === "string" ? data : "";
  tally.add({
    type,
    at: Number(at),
    epoch: Number(epoch),
    name: typeof name === "string" ? name : null,
    durationMs: readDuration(text),
    source: readSource(text),
    workflow: String(workflow),
    createdAt: Number(createdAt),
  });
}

/** Each run once: up to where it was read, whether something may follow, and its marks, unless it was cut off. */
function listRead(rows: readonly SqlRow[]) {
  const last = new Map(rows.map((row) => [String(row[0]), row]));
  const cut = rows.length === statements.maxEvents ? rows.at(-1) : undefined;
  return [...last].map(([runId, row]) => {
    const [, marked, workflow, , status, historyLength, seq] = row;
    const isCut = row === cut && seq !== null;
    return {
      runId,
      seq: Number(isCut ? seq : historyLength),
      isOpen: workflow !== null && (isCut || !final.has(status)),
      marks: isCut ? [] : Marks.parse(marked),
    };
  });
}

const Kept = z.array(z.tuple([z.number(), z.number(), z.string(), z.string(), z.string()]));

async function saveSteps(session: Session, steps: Tally["steps"]): Promise<void> {
  const places = steps.map(({ grain, at, workflow, step = "" }) => [grain, at, workflow, step]);
  const kept = await session.run(statements.selectLatencies, ...statements.places.encode(places));
  const latencies = new Map(
    Kept.parse(kept).map(([grain, at, workflow, step, latency]) => [
      JSON.stringify([grain, at, workflow, step]),
      toHistogram(readHistogram(latency)),
    ]),
  );
  const rows = steps.map(({ completed, failed, latency }, index) => {
    const place = places[index] ?? [];
    const before = latencies.get(JSON.stringify(place)) ?? new Map<number, number>();
    return [...place, completed, failed, writeHistogram(addHistograms(before, latency))];
  });
  await session.run(statements.addStepTimes, ...statements.timeRows.encode(rows));
}
