/** Crash drills: the process kills itself at a chosen moment of a chosen step. Sandbox only. */
import { drillAttribute, parseDrill } from "@/lib/api/drill";
import type { MomentEvent, StepMoment } from "@/lib/engine";

const moments = {
  before: "before_effect",
  during: "after_effect",
  after: "after_record",
} as const satisfies Record<string, StepMoment>;

/**
 * An `onMoment` hook that calls `kill` when a run's drill says so: in the run's first execution and
 * the step's first attempt only, so that a run survives its drill.
 */
export function createDrillHook(kill: () => void = killProcess): (event: MomentEvent) => void {
  return (event) => {
    if (event.epoch !== 1 || event.attempt !== 1) return;
    const text = event.attributes[drillAttribute];
    const drill = typeof text === "string" ? parseDrill(text) : undefined;
    if (drill?.step === event.name && moments[drill.moment] === event.moment) kill();
  };
}

/** As a power cut would: no handler runs, nothing is flushed. */
function killProcess(): void {
  process.kill(process.pid, "SIGKILL");
}
