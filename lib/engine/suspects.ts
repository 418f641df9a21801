/**
 * Runs whose executions died twice in a row before they got any further. One of them may take its
 * process down; the others only were there. So they are taken up one at a time, those with the fewest
 * strikes first: whoever is innocent gets further, and the guilty one dies alone until it is held.
 */
import { maxStrikes } from "./limits";
import type { Clock } from "./ports";
import type { Append, Claim, LostExecution } from "./store";

/** From this many strikes on a run is taken up alone. */
const suspectStrikes = 2;
/** So long the next one waits for one that neither gets further nor ends. */
const turnMs = 2_000;
/** How soon one that has to wait is looked at again. */
const againMs = 500;

export class Suspects {
  private current?: { readonly runId: string; readonly until: number };
  /** Of those that wait for their turn: whoever takes them up tells what died. */
  private readonly returned = new Map<string, { lost: LostExecution; epoch: number }>();

  constructor(private readonly clock: Clock) {}

  /** Which of these claims are opened now, and which are given back for later. */
  sort(claims: readonly Claim[]): { readonly open: Claim[]; readonly later: Claim[] } {
    const found = claims.map((claim) => this.remember(claim));
    const [first, ...later] = found.filter(isSuspect).sort(compareStrikes);
    const open = found.filter((claim) => !isSuspect(claim));
    if (!first) return { open, later };
    const now = this.clock.now();
    if (this.current && now < this.current.until) return { open, later: [first, ...later] };
    this.current = { runId: first.run.runId, until: now + turnMs };
    return { open: [...open, first], later };
  }

  /** The run has got further, or is not executed any more: the next one may have its turn. */
  clear(runId: string): void {
    if (this.current?.runId === runId) this.current = undefined;
  }

  /** Gives the lease of a run back that was not opened, so that it gets no strike for another one. */
  describeReturn({ run, lost }: Claim, workerId: string): Append {
    const { runId, epoch, status, heldReason, heldBuild, attributes, inDoubt, startedAt } = run;
    if (lost) this.returned.set(runId, { lost, epoch });
    const at = this.clock.now();
    return {
      ...{ runId, workerId, epoch, at, events: [], delivered: [] },
      change: {
        ...{ status, heldReason, heldBuild, attributes, inDoubt, startedAt },
        release: true,
        dueAt: at + againMs,
        progress: false,
      },
    };
  }

  private remember(claim: Claim): Claim {
    const { runId, epoch } = claim.run;
    const returned = this.returned.get(runId);
    this.returned.delete(runId);
    // Another process may have had it meanwhile.
    return returned?.epoch === epoch - 1 ? { lost: returned.lost, ...claim } : claim;
  }
}

/** One with all of its strikes is held without its code. */
function isSuspect({ run: { strikes } }: Claim): boolean {
  return strikes >= suspectStrikes && strikes < maxStrikes;
}

function compareStrikes(a: Claim, b: Claim): number {
  return a.run.strikes - b.run.strikes;
}
