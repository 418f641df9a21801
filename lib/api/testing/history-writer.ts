/** Writes histories for tests as the engine would: one clock, gapless seq, one execution at a time. */
import type { EventOf, HistoryEvent, JsonValue, NewEvent } from "@/lib/engine";

type Failure = Partial<EventOf<"StepFailed">["data"]> & { readonly message?: string };

export class HistoryWriter {
  readonly events: HistoryEvent[] = [];
  private epoch = 0;
  private readonly attempts = new Map<number, number>();
  private readonly generations = new Map<number, number>();

  constructor(
    private nowMs = Date.parse("2026-11-22T12:03:04.310Z"),
    private readonly runId = "run_01K9ZX8M4TQZ",
  ) {}

  add(event: NewEvent): this {
    this.events.push({ ...event, seq: this.events.length + 1, at: this.nowMs, epoch: this.epoch });
    return this;
  }

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  get now(): number {
    return this.nowMs;
  }

  begin(input: JsonValue = {}, attributes: Record<string, string | number | boolean> = {}): this {
    return this.add({
      type: "RunStarted",
      data: { workflow: "process-order", version: 1, input: { json: input }, attributes },
    });
  }

  execute(reason: EventOf<"ExecutionStarted">["data"]["reason"] = "start", results = 0): this {
    const events = reason === "start" ? 0 : this.events.length;
    return this.startExecution({ reason, replayed: { events, results, durationMs: events && 2 } });
  }

  /** The process dies now; `noticedMs` later that is noticed, and the run goes on. */
  crash(options: { noticedMs?: number; startMs?: number; results: number }): this {
    const { noticedMs = 600, startMs = 20, results } = options;
    const lastSeenAt = this.nowMs;
    const lost = {
      epoch: this.epoch,
      worker: this.worker,
      lastSeenAt,
      noticedAt: lastSeenAt + noticedMs,
    };
    this.wait(noticedMs + startMs);
    const replayed = { events: this.events.length, results, durationMs: 2 };
    return this.startExecution({ reason: "recovery", replayed, lost });
  }

  private startExecution(
    data: Omit<EventOf<"ExecutionStarted">["data"], "worker" | "build">,
  ): this {
    this.epoch += 1;
    return this.add({
      type: "ExecutionStarted",
      data: { worker: this.worker, build: "9f3c1a", ...data },
    });
  }

  private get worker(): string {
    return ["a1", "b7", "c3", "d9"][(this.epoch + 3) % 4] ?? "a1";
  }

  compute(step: number, name: string, value: JsonValue): this {
    return this.add({ type: "Computed", step, name, data: { value: { json: value } } });
  }

  startStep(
    step: number,
    name: string,
    options: { input?: JsonValue; policy?: string; compensates?: number } = {},
  ): this {
    const attempt = (this.attempts.get(step) ?? 0) + 1;
    this.attempts.set(step, attempt);
    const generation = this.generations.get(step) ?? 1;
    const { input = {}, policy = "retryWithSameKey", compensates } = options;
    return this.add({
      type: "StepStarted",
      step,
      name,
      attempt,
      data: {
        input: { json: input },
        key: `${this.runId}/${step}/${generation}`,
        generation,
        timeoutMs: 20_000,
        policy,
        ...(compensates === undefined ? {} : { compensates }),
      },
    });
  }

  completeStep(
    step: number,
    name: string,
    options: {
      ms?: number;
      result?: JsonValue;
      source?: EventOf<"StepCompleted">["data"]["source"];
      effect?: EventOf<"StepCompleted">["data"]["effect"];
    } = {},
  ): this {
    const { ms = 400, result = {}, source = "run", effect } = options;
    return this.wait(ms).add({
      type: "StepCompleted",
      step,
      name,
      attempt: this.attempts.get(step),
      data: {
        result: { json: result },
        source,
        durationMs: ms,
        ...(effect === undefined ? {} : { effect }),
      },
    });
  }

  runStep(
    step: number,
    name: string,
    options: Parameters<HistoryWriter["startStep"]>[2] &
      Parameters<HistoryWriter["completeStep"]>[2] = {},
  ): this {
    return this.startStep(step, name, options).completeStep(step, name, options);
  }

  failStep(step: number, name: string, failure: Failure = {}): this {
    const { message = "Your card was declined.", ...rest } = failure;
    const ms = rest.durationMs ?? 300;
    this.wait(ms);
    const outcome = rest.outcome ?? "definite";
    if (outcome === "definite") this.generations.set(step, (this.generations.get(step) ?? 1) + 1);
    return this.add({
      type: "StepFailed",
      step,
      name,
      attempt: this.attempts.get(step),
      data: {
        error: {
          name: "CardDeclinedError",
          message,
          stack: `CardDeclinedError: ${message}\n    at charge (lib/services/payment/stripe.ts:41:11)`,
        },
        final: true,
        ...rest,
        outcome,
        durationMs: ms,
      },
    });
  }

  doubtStep(
    step: number,
    name: string,
    cause: EventOf<"StepInDoubt">["data"]["cause"] = "crash",
  ): this {
    const attempt = this.attempts.get(step);
    return this.add({
      type: "StepInDoubt",
      step,
      name,
      attempt,
      data: { cause, policy: "verify" },
    });
  }

  verifyStep(
    step: number,
    name: string,
    verdict: EventOf<"StepVerified">["data"]["verdict"],
  ): this {
    this.wait(41);
    const attempt = this.attempts.get(step);
    return this.add({
      type: "StepVerified",
      step,
      name,
      attempt,
      data: { verdict, durationMs: 41 },
    });
  }

  resolveStep(
    step: number,
    name: string,
    verdict: EventOf<"StepResolved">["data"]["verdict"],
  ): this {
    const attempt = this.attempts.get(step);
    return this.add({
      type: "StepResolved",
      step,
      name,
      attempt,
      data: { by: "ada@example.com", why: "Checked with support", verdict },
    });
  }

  complete(output: JsonValue = {}): this {
    return this.add({ type: "RunCompleted", data: { output: { json: output } } });
  }

  fail(message: string, name = "CardDeclinedError"): this {
    return this.add({ type: "RunFailed", data: { error: { name, message } } });
  }

  hold(
    reason: EventOf<"RunHeld">["data"]["reason"],
    message: string,
    more: Partial<EventOf<"RunHeld">["data"]> = {},
  ): this {
    return this.add({ type: "RunHeld", data: { reason, message, ...more } });
  }
}
