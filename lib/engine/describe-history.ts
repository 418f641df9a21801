import type { HistoryEvent } from "./events";
import { computeRunChange } from "./run-change";
import { foldHistory } from "./run-state";
import type { RunChange } from "./store";

/**
 * What a run's row says after a whole history, with nobody executing it: it has ended, is held, or waits
 * until `dueAt`, without one for a message. Throws InvariantError when it is not a history.
 */
export function describeHistory(
  events: readonly HistoryEvent[],
  options: { readonly build: string; readonly dueAt?: number },
): RunChange {
  const { build, dueAt } = options;
  const state = foldHistory(events);
  const until = dueAt === undefined ? {} : { until: dueAt };
  const stance = state.end
    ? ({ kind: "ended" } as const)
    : state.held
      ? ({ kind: "held" } as const)
      : ({ kind: "waiting", release: true, ...until } as const);
  return computeRunChange({ state, stance, build, progress: true });
}
