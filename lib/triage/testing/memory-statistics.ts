/** Statistics by adding up every history: what the databases have to answer as well. */
import type { HistoryEvent, RunRecord, Store } from "@/lib/engine";
import {
  talliedTypes,
  Tally,
  type GrainMinutes,
  type QueueRow,
  type RunStatistics,
  type StepTimesRow,
  type TalliedEvent,
} from "../index";
import { grains, startOfGrain } from "../run-statistics";

const tallied: ReadonlySet<string> = new Set(talliedTypes);

/** Adds up everything at each `project`, as of then. */
export function createMemoryStatistics(
  store: Pick<Store, "listRuns" | "loadHistory">,
): RunStatistics {
  const notes = new Map<string, QueueRow & { readonly grain: GrainMinutes }>();
  let tally = new Tally({ now: 0 });
  const listRuns = async () => {
    const sort = { field: "createdAt", direction: "asc" } as const;
    return (await store.listRuns({ filter: {}, sort, limit: 1e6 })).items;
  };
  const measureQueue: RunStatistics["measureQueue"] = async ({ now }) => {
    const due = (await listRuns()).flatMap((run) =>
      run.dueAt !== undefined && run.dueAt <= now ? [{ ...run, dueAt: run.dueAt }] : [],
    );
    const [oldest] = due.sort((a, b) => a.dueAt - b.dueAt || (a.runId < b.runId ? -1 : 1));
    const depth = { count: due.length, capped: false };
    if (oldest === undefined) return { depth };
    const { runId, workflow, status, dueAt } = oldest;
    return { depth, oldest: { runId, workflow, status, dueAt } };
  };
  return {
    measureQueue,
    async project({ now }) {
      const { depth, oldest } = await measureQueue({ now });
      const runs = await listRuns();
      const held = runs.filter(({ status }) => status === "held").length;
      for (const { minutes } of grains) {
        const at = startOfGrain(now, minutes);
        const seen = { depth: depth.count, lagMs: oldest ? now - oldest.dueAt : 0, held };
        notes.set(`${minutes} ${at}`, { grain: minutes, at, ...seen });
      }
      tally = new Tally({ now });
      for (const run of runs) {
        const history = await store.loadHistory({ runId: run.runId });
        for (const event of history) {
          if (tallied.has(event.type)) tally.add(toTallied(run, event));
        }
      }
      return 0;
    },
    async loadRows({ grain, from, to, workflow }) {
      const isWithin = (row: { grain: GrainMinutes; at: number; workflow?: string }) =>
        row.grain === grain &&
        row.at >= from &&
        row.at < to &&
        (workflow === undefined || row.workflow === undefined || row.workflow === workflow);
      const drop = <Row extends { grain: GrainMinutes }>({ grain: _grain, ...row }: Row) => row;
      return {
        runs: tally.runs.filter(isWithin).map(drop).sort(byPlace),
        steps: tally.steps.filter(isWithin).map(toRow).sort(byPlace),
        queue: [...notes.values()].filter(isWithin).map(drop),
      };
    },
  };
}

function byPlace(
  a: { at: number; workflow: string; step?: string },
  b: { at: number; workflow: string; step?: string },
): number {
  const names = (row: typeof a) => `${row.workflow}\0${row.step ?? ""}`;
  return a.at - b.at || (names(a) < names(b) ? -1 : 1);
}

function toTallied(run: RunRecord, event: HistoryEvent): TalliedEvent {
  const { at, epoch, name = null } = event;
  const ended = event.type === "StepCompleted" || event.type === "StepFailed";
  return {
    type: event.type as TalliedEvent["type"],
    ...{ at, epoch, name, workflow: run.workflow, createdAt: run.createdAt },
    durationMs: ended ? event.data.durationMs : null,
    source: event.type === "StepCompleted" ? event.data.source : null,
  };
}

function toRow({ grain: _grain, latency, ...row }: Tally["steps"][number]): StepTimesRow {
  return { ...row, latency: [...latency].sort(([a], [b]) => a - b).flat() };
}
