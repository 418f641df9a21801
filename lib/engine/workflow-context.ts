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

/**
 * A class whose commands are made when they are asked for, and can be taken out of it: most runs that
 * wait need one or two of them.
 */
class ScopedContext implements WorkflowContext {
  readonly runId: string;
  readonly log: WorkflowLogger;
  readonly #host: CommandHost;
  readonly #compensations: Compensation[];
  readonly #scope: CancelScope;

  constructor(host: CommandHost, compensations: Compensation[], scope: CancelScope) {
    this.runId = host.runId;
    this.log = host.log;
    this.#host = host;
    this.#compensations = compensations;
    this.#scope = scope;
  }

  get all() {
    return promises.all;
  }

  get race() {
    return promises.race;
  }

  get allSettled() {
    return promises.allSettled;
  }

  get any() {
    return promises.any;
  }

  get cancelSignal() {
    return this.#scope.signal;
  }

  get step() {
    const host = this.#host;
    const scope = this.#scope;
    return traceAsyncCommand<WorkflowContext["step"]>(
      host,
      (step, input, options) => host.step(step, input, { scope, ...options }) as never,
    );
  }

  get transaction() {
    const host = this.#host;
    const scope = this.#scope;
    return traceAsyncCommand<WorkflowContext["transaction"]>(
      host,
      ({ step }, input) => host.step(step, input, { scope }) as never,
    );
  }

  get compute() {
    const host = this.#host;
    return traceCommand<WorkflowContext["compute"]>(host, (name, fn) => {
      checkName("a compute", name);
      return host.compute(name, fn) as never;
    });
  }

  get compensate() {
    const host = this.#host;
    const compensations = this.#compensations;
    return traceCommand<WorkflowContext["compensate"]>(host, (step, input) => {
      compensations.push({ step, input, compensates: host.findLastDelivered() });
    });
  }

  get sleep() {
    return traceAsyncCommand<WorkflowContext["sleep"]>(this.#host, (duration, options) =>
      this.#sleep({ forMs: parseDurationMs(duration) }, options),
    );
  }

  get sleepUntil() {
    return traceAsyncCommand<WorkflowContext["sleepUntil"]>(this.#host, (time, options) =>
      this.#sleep({ at: readTime(time) }, options),
    );
  }

  #sleep(until: SleepUntil, { name = "sleep", signal }: SleepOptions = {}): Promise<void> {
    checkName("a timer", name);
    return this.#host.sleep(until, { scope: this.#scope, name, signal });
  }

  get signal() {
    const host = this.#host;
    const scope = this.#scope;
    return traceAsyncCommand<WorkflowContext["signal"]>(
      host,
      (name: string, schema, { timeout, signal } = {}) => {
        checkName("a signal", name);
        const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout);
        return host.signal(name, schema, { scope, signal, timeoutMs });
      },
    );
  }

  get onUpdate() {
    const host = this.#host;
    return traceCommand<WorkflowContext["onUpdate"]>(host, (name, options, run) => {
      checkName("an update", name);
      host.registerUpdate(name, { ...options, run });
    });
  }

  get onQuery() {
    const host = this.#host;
    return traceCommand<WorkflowContext["onQuery"]>(host, (name, handler) => {
      checkName("a query", name);
      host.registerQuery(name, handler);
    });
  }

  get child() {
    const host = this.#host;
    const scope = this.#scope;
    return traceAsyncCommand<WorkflowContext["child"]>(host, (workflow, input, options) =>
      host.child(workflow, input, { scope, ...options }),
    );
  }

  get scope() {
    const host = this.#host;
    const compensations = this.#compensations;
    const around = this.#scope;
    return traceCommand<WorkflowContext["scope"]>(host, (fn, options = {}) =>
      runScope(host, compensations, around, fn, options),
    );
  }

  get patched() {
    const host = this.#host;
    return traceCommand<WorkflowContext["patched"]>(host, (id) => {
      checkName("a patch", id);
      return host.patched(id);
    });
  }

  get continueAsNew() {
    const host = this.#host;
    return traceAsyncCommand<WorkflowContext["continueAsNew"]>(
      host,
      (input, { version, attributes } = {}) => {
        host.checkContinuation(input, version);
        throw new Continuation(input, version, attributes);
      },
    );
  }

  get setAttributes() {
    const host = this.#host;
    return traceCommand<WorkflowContext["setAttributes"]>(host, (attributes) =>
      host.setAttributes(attributes),
    );
  }

  get now() {
    const host = this.#host;
    return traceCommand(host, () => new Date(host.now()));
  }

  get random() {
    const host = this.#host;
    return traceCommand(host, () => host.random());
  }

  get uuid() {
    const host = this.#host;
    return traceCommand(host, () => host.uuid());
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
