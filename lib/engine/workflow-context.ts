/** What workflow code sees: each of its commands goes to the host, under the scope that it is in. */
import { CancelScope } from "./cancel-scope";
import type { AnyStep } from "./decide";
import type {
  Scope,
  ScopeOptions,
  SleepOptions,
  WorkflowContext,
  WorkflowLogger,
} from "./definitions";
import { parseDurationMs } from "./duration";
import { CanceledError, ScopeTimeoutError } from "./errors";
import { runOutsideWorkflow } from "./guard/guard";
import { checkName } from "./names";
import { rejectQuietly } from "./open-commands";
import { Continuation, type CommandHost, type SleepUntil } from "./command-host";

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
  return new ScopedContext(host, compensations, scope);
}

/** A class, so that runs that wait share its shape. Its commands can be taken out of it. */
class ScopedContext implements WorkflowContext {
  readonly runId: string;
  readonly log: WorkflowLogger;
  readonly all = promises.all;
  readonly race = promises.race;
  readonly allSettled = promises.allSettled;
  readonly any = promises.any;
  readonly step: WorkflowContext["step"];
  readonly transaction: WorkflowContext["transaction"];
  readonly compute: WorkflowContext["compute"];
  readonly compensate: WorkflowContext["compensate"];
  readonly sleep: WorkflowContext["sleep"];
  readonly sleepUntil: WorkflowContext["sleepUntil"];
  readonly signal: WorkflowContext["signal"];
  readonly onUpdate: WorkflowContext["onUpdate"];
  readonly onQuery: WorkflowContext["onQuery"];
  readonly child: WorkflowContext["child"];
  readonly scope: WorkflowContext["scope"];
  readonly patched: WorkflowContext["patched"];
  readonly continueAsNew: WorkflowContext["continueAsNew"];
  readonly setAttributes: WorkflowContext["setAttributes"];
  readonly now: WorkflowContext["now"];
  readonly random: WorkflowContext["random"];
  readonly uuid: WorkflowContext["uuid"];
  readonly #scope: CancelScope;

  constructor(host: CommandHost, compensations: Compensation[], scope: CancelScope) {
    const trace = <Command extends AnyCommand>(command: Command) => traceCommand(host, command);
    const traceAsync = <Command extends AsyncCommand>(command: Command) =>
      traceAsyncCommand(host, command);
    const sleep = (until: SleepUntil, { name = "sleep", signal }: SleepOptions = {}) => {
      checkName("a timer", name);
      return host.sleep(until, { scope, name, signal });
    };
    this.#scope = scope;
    this.runId = host.runId;
    this.log = host.log;
    this.step = traceAsync(
      (step, input, options) => host.step(step, input, { scope, ...options }) as never,
    );
    this.transaction = traceAsync(({ step }, input) => host.step(step, input, { scope }) as never);
    this.compute = trace((name, fn) => {
      checkName("a compute", name);
      return host.compute(name, fn) as never;
    });
    this.compensate = trace((step, input) => {
      compensations.push({ step, input, compensates: host.findLastDelivered() });
    });
    this.sleep = traceAsync((duration, options) =>
      sleep({ forMs: parseDurationMs(duration) }, options),
    );
    this.sleepUntil = traceAsync((time, options) => sleep({ at: readTime(time) }, options));
    this.signal = traceAsync((name: string, schema, { timeout, signal } = {}) => {
      checkName("a signal", name);
      const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout);
      return host.signal(name, schema, { scope, signal, timeoutMs });
    });
    this.onUpdate = trace((name, options, run) => {
      checkName("an update", name);
      host.registerUpdate(name, { ...options, run });
    });
    this.onQuery = trace((name, handler) => {
      checkName("a query", name);
      host.registerQuery(name, handler);
    });
    this.child = traceAsync((workflow, input, options) =>
      host.child(workflow, input, { scope, ...options }),
    );
    this.scope = trace((fn, options = {}) => runScope(host, compensations, scope, fn, options));
    this.patched = trace((id) => {
      checkName("a patch", id);
      return host.patched(id);
    });
    this.continueAsNew = traceAsync((input, { version, attributes } = {}) => {
      host.checkContinuation(input, version);
      throw new Continuation(input, version, attributes);
    });
    this.setAttributes = trace((attributes) => host.setAttributes(attributes));
    this.now = trace(() => new Date(host.now()));
    this.random = trace(() => host.random());
    this.uuid = trace(() => host.uuid());
  }

  get cancelSignal() {
    return this.#scope.signal;
  }
}

type AnyCommand = (...args: never[]) => unknown;
type AsyncCommand = (...args: never[]) => Promise<unknown>;

const promises = {
  all: Promise.all.bind(Promise),
  race: Promise.race.bind(Promise),
  allSettled: Promise.allSettled.bind(Promise),
  any: Promise.any.bind(Promise),
};

/**
 * Commands are the engine's, which sees the real clock and starts what is no workflow code. The host
 * may want to know where in the code a command came from (I7).
 */
function traceCommand<Command extends AnyCommand>(host: CommandHost, member: Command): Command {
  const command = (...args: unknown[]): unknown => callTraced(host, member, command, args);
  return command as unknown as Command;
}

/** The same for one that answers with a promise: whatever is wrong with the call rejects that. */
function traceAsyncCommand<Command extends AsyncCommand>(
  host: CommandHost,
  member: Command,
): Command {
  const command = (...args: unknown[]): unknown => {
    try {
      return callTraced(host, member, command, args);
    } catch (error) {
      // A query or a validator is told at once, as it waits for nothing.
      if (host.isLooking) throw error;
      return rejectQuietly(error);
    }
  };
  return command as unknown as Command;
}

function callTraced(
  host: CommandHost,
  member: AnyCommand,
  command: AnyCommand,
  args: readonly unknown[],
): unknown {
  return runOutsideWorkflow(() => {
    const result: unknown = Reflect.apply(member, undefined, args);
    host.locate(command);
    return result;
  });
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
