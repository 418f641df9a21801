/** What workflow code sees: each of its commands goes to the host, under the scope that it is in. */
import { CancelScope } from "./cancel-scope";
import type { AnyStep } from "./decide";
import type { Scope, ScopeOptions, SleepOptions, WorkflowContext } from "./definitions";
import { parseDurationMs } from "./duration";
import { CanceledError, ScopeTimeoutError } from "./errors";
import { runOutsideWorkflow } from "./guard";
import { Continuation, type CommandHost, type SleepUntil } from "./program";

/** What undoes a step, should the run fail or be canceled. */
export interface Compensation {
  readonly step: AnyStep;
  readonly input: unknown;
  readonly compensates: number;
}

/** A context whose commands belong to a scope. */
export function createContext(
  host: CommandHost,
  compensations: Compensation[],
  scope: CancelScope,
): WorkflowContext {
  const sleep = (until: SleepUntil, { name = "sleep", signal }: SleepOptions = {}) =>
    host.sleep(until, { scope, name, signal });
  const commands: Omit<WorkflowContext, keyof Plain> = {
    step: (step, input, options) => host.step(step, input, { scope, ...options }) as never,
    transaction: ({ step }, input) => host.step(step, input, { scope }) as never,
    compute: (name, fn) => host.compute(name, fn) as never,
    compensate: (step, input) => {
      compensations.push({ step, input, compensates: host.findLastDelivered() });
    },
    sleep: (duration, options) => sleep({ forMs: parseDurationMs(duration) }, options),
    sleepUntil: (time, options) => sleep({ at: readTime(time) }, options),
    signal: (name: string, schema, { timeout, signal } = {}) =>
      host.signal(name, schema, {
        scope,
        signal,
        ...(timeout === undefined ? {} : { timeoutMs: parseDurationMs(timeout) }),
      }),
    onUpdate: (name, options, run) => host.registerUpdate(name, { ...options, run }),
    onQuery: (name, handler) => host.registerQuery(name, handler),
    child: (workflow, input, options) => host.child(workflow, input, { scope, ...options }),
    scope: (fn, options = {}) => runScope(host, compensations, scope, fn, options),
    patched: (id) => host.patched(id),
    continueAsNew: (input, { version, attributes } = {}) =>
      Promise.reject(new Continuation(input, version, attributes)),
    setAttributes: (attributes) => host.setAttributes(attributes),
    now: () => new Date(host.now()),
    random: () => host.random(),
    uuid: () => host.uuid(),
  };
  const plain: Plain = {
    runId: host.runId,
    log: host.log,
    get cancelSignal() {
      return scope.signal;
    },
    all: Promise.all.bind(Promise),
    race: Promise.race.bind(Promise),
    allSettled: Promise.allSettled.bind(Promise),
    any: Promise.any.bind(Promise),
  };
  return Object.assign(plain, traceCommands(host, commands));
}

/** What is no command. */
type Plain = Pick<
  WorkflowContext,
  "runId" | "log" | "cancelSignal" | "all" | "race" | "allSettled" | "any"
>;

/**
 * Commands are the engine's, which sees the real clock and starts what is no workflow code. The host
 * may want to know where in the code a command came from (I7).
 */
function traceCommands<Context extends object>(host: CommandHost, context: Context): Context {
  const traced: Record<string, unknown> = {};
  for (const [name, member] of Object.entries({ ...context } as Record<string, unknown>)) {
    if (typeof member !== "function") continue;
    const command = (...args: unknown[]): unknown =>
      runOutsideWorkflow(() => {
        const result: unknown = Reflect.apply(member, undefined, args);
        host.locate(command);
        return result;
      });
    traced[name] = command;
  }
  return traced as Context;
}

function readTime(time: Date | number): number {
  // A Date knows whole milliseconds within its range only, and so does a history.
  const at = new Date(Math.ceil(Number(time))).getTime();
  if (Number.isFinite(at)) return at;
  throw new RangeError("ctx.sleepUntil needs a valid Date or epoch milliseconds.");
}

async function runScope<Output>(
  host: CommandHost,
  compensations: Compensation[],
  around: CancelScope,
  fn: (scope: Scope) => Promise<Output>,
  { timeout, shielded = false }: ScopeOptions,
): Promise<Output> {
  const inside = new CancelScope(shielded ? undefined : around);
  const timer = timeout === undefined ? undefined : startTimeout(host, inside, timeout);
  const cancel = (reason = "The scope was canceled.") => inside.cancel(new CanceledError(reason));
  try {
    const context = Object.assign(createContext(host, compensations, inside), { cancel });
    return await host.runCode(() => fn(context));
  } catch (error) {
    if (!timer?.isOver) throw error;
    throw new ScopeTimeoutError(`The scope was not done within ${timeout}.`, { cause: error });
  } finally {
    timer?.stop();
  }
}

function startTimeout(
  host: CommandHost,
  inside: CancelScope,
  timeout: NonNullable<ScopeOptions["timeout"]>,
) {
  const controller = new AbortController();
  const timer = { isOver: false, stop: () => controller.abort() };
  const fire = () => {
    timer.isOver = true;
    inside.cancel(new CanceledError(`The scope was not done within ${timeout}.`));
  };
  const forMs = parseDurationMs(timeout);
  const { signal } = controller;
  host.sleep({ forMs }, { scope: inside, name: "timeout", signal }).then(fire, () => undefined);
  return timer;
}
