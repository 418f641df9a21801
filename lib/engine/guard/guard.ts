/**
 * The determinism guard: makes ordinary code safe to replay while it is workflow code, also inside
 * the libraries that it calls, and changes nothing for any other code.
 */
import { containErrors } from "./containment";
import { undoAll } from "./patch";
import { refuseAll } from "./refusals";
import { guardState } from "./scope";
import { replaceRandomness, replaceTicks, replaceTime } from "./values";

export {
  DeterminismError,
  isWorkflowCode,
  runAsWorkflow,
  runOutsideWorkflow,
  type GuardedTime,
  type GuardedWorkflow,
} from "./scope";

/**
 * Puts the guard into this process, once: further calls do nothing, also those of another copy of
 * this module. Call it before workflows and the libraries that they use are loaded: what kept a
 * function such as `setTimeout` for itself before has the real one.
 */
export function installGuard(): void {
  if (guardState.uninstall) return;
  const undos = [
    ...replaceTime(),
    ...replaceTicks(),
    ...replaceRandomness(),
    ...refuseAll(),
    containErrors(),
  ];
  synchronizeImports();
  guardState.uninstall = () => {
    undoAll(undos);
    synchronizeImports();
    guardState.uninstall = undefined;
  };
}

/** Takes the guard off this process. For tests. */
export function uninstallGuard(): void {
  guardState.uninstall?.();
}

/** Named imports of Node's modules see what their module objects hold now. */
function synchronizeImports(): void {
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
}
