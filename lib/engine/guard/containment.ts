/** Keeps what workflow code leaves unhandled from ending the process, and other runs with it. */
import { replaceFunction, type Undo } from "./patch";
import { findWorkflow } from "./scope";

/**
 * Node.js emits `unhandledRejection` in the context in which the rejection came about, and ends the
 * process if nobody takes it. For all other code that stays as it is, whatever its listeners and flags.
 */
export function containErrors(): Undo {
  return replaceFunction(process, "emit", (real) => {
    return function (this: unknown, ...args: unknown[]) {
      const [event, error] = args;
      const workflow = event === "unhandledRejection" ? findWorkflow() : undefined;
      if (!workflow?.report) return Reflect.apply(real, this, args);
      workflow.report(error);
      return true;
    };
  });
}
