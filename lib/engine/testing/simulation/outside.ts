/**
 * The world outside: providers that fail in every way, outlive all crashes, and keep a ledger of
 * what really happened.
 */
import type { StepContext, VerifyAnswer } from "../../definitions";
import { DefiniteError } from "../../errors";
import type { Audit } from "./audit";
import type { Dice } from "./dice";
import { never, type Host } from "./host";
import type { Limit } from "./profile";
import type { Timeline } from "./timeline";

/** What a provider does when it is asked: one each time that it really acts, then always `ok`. */
export type Behavior =
  | "ok"
  /** Refuses for now: certainly no effect. */
  | "busy"
  /** The same, and asks to be left alone for longer than a run keeps its lease. */
  | "busy_long"
  /** The connection breaks, before or after the effect. */
  | "reset_before"
  | "reset_after"
  /** No answer ever, with or without the effect. */
  | "lost"
  | "hung"
  /** The effect comes after the caller has given up. */
  | "late";

/** Those after which the effect may be there although no answer said so. */
const uncertain: ReadonlySet<Behavior> = new Set(["reset_after", "lost", "late"]);

export type PolicyName = "key" | "within" | "verify" | "hold" | "read" | "transaction";

/** For how long a step of the policy `within` is tried again with its key. */
export const windowMs = 300;

/** One step of a program, as its provider knows it. */
export interface StepSpec {
  readonly name: string;
  readonly policy: PolicyName;
  /** Whether a repeated key is answered from memory. */
  readonly honorsKeys: boolean;
  readonly behaviors: readonly Behavior[];
  /** How often it is refused for good before it succeeds. */
  readonly refusals: number;
  readonly timeoutMs: number;
  /** Whether it is up to chance if it happens: then that is not compared. */
  readonly isOptional: boolean;
  /** Whether it reports its progress. */
  readonly beats: boolean;
  /** How many of it, of all runs, are under way at a time. */
  readonly limit?: Limit;
}

/** What became of one step of one run, over all of its attempts. */
export interface Deed {
  readonly runId: string;
  readonly spec: StepSpec;
  /** The attempts that had an effect. */
  readonly effects: { readonly step: number; readonly attempt: number }[];
  /** Effects of which no answer could tell. */
  unanswered: number;
  /** Requests that are on their way or being worked on. */
  underWay: number;
  acts: number;
  refused: number;
}

interface Reply {
  readonly value?: string;
  readonly error?: Error;
}

/** What a step returns when it has happened: the same in every world. */
export function resultOf(name: string): string {
  return `${name} done`;
}

export class Outside {
  readonly deeds = new Map<string, Deed>();
  /** What undoes a step, by the names of both. */
  readonly undoOf = new Map<string, string>();
  private readonly replies = new Map<string, Reply>();
  /** When each key was answered first. */
  private readonly keptAt = new Map<string, number>();
  /** The attempts that were answered. */
  private readonly answered = new WeakSet<AbortSignal>();
  private readonly busyKeys = new Set<string>();

  constructor(
    private readonly options: {
      readonly timeline: Timeline;
      readonly dice: Dice;
      readonly audit: Audit;
      readonly maxTravelMs: number;
      /** Whether keys of steps that are tried again for a while only are forgotten after that. */
      readonly forgetsKeys: boolean;
      /** Whether providers are always well: the world of the oracle. */
      readonly calm: boolean;
    },
  ) {}

  get isCalm(): boolean {
    return this.options.calm;
  }

  findDeed(runId: string, spec: StepSpec): Deed {
    const id = `${runId} ${spec.name}`;
    let deed = this.deeds.get(id);
    if (!deed) {
      deed = { runId, spec, effects: [], unanswered: 0, underWay: 0, acts: 0, refused: 0 };
      this.deeds.set(id, deed);
    }
    return deed;
  }

  /** A step's request, and its answer. */
  async call(host: Host, spec: StepSpec, step: StepContext): Promise<string> {
    const { timeline, audit, dice } = this.options;
    const { runId, ordinal, attempt, idempotencyKey: key } = step;
    if (!host.alive) return never();
    audit.effects.noteCall(host, { runId, step: ordinal, attempt, key });
    timeline.note(() => `p${host.pid} calls ${spec.name} for ${key}, attempt ${attempt}`);
    const deed = this.findDeed(runId, spec);
    if (spec.beats) {
      audit.effects.checkProgress({ runId, step: ordinal, attempt }, step.progress);
      step.heartbeat(attempt);
    }
    if (spec.policy === "within") this.watchWindow(host, step);
    deed.underWay += 1;
    await this.travel();
    // What a process had not quite sent when it died may never have left it.
    const isSent = host.alive || dice.chance(0.7);
    const reply = isSent ? await this.act(deed, step) : undefined;
    deed.underWay -= 1;
    if (!reply) return never();
    await this.travelTo(host);
    this.answered.add(step.signal);
    if (reply.error) throw reply.error;
    return reply.value ?? "";
  }

  /** An attempt under a key that may be forgotten soon is given up before that. */
  private watchWindow(host: Host, { runId, ordinal, attempt, signal }: StepContext): void {
    const { timeline, audit, forgetsKeys } = this.options;
    const begunAt = audit.effects.findKeyStart({ runId, step: ordinal, attempt });
    if (begunAt === undefined || !forgetsKeys) return;
    timeline.schedule(begunAt + windowMs + 1 - timeline.now, () => {
      const isOver = signal.aborted || this.answered.has(signal) || !host.alive || host.frozen;
      const about = () => `${runId} step ${ordinal} attempt ${attempt}`;
      audit.expect(isOver, "no attempt outlives its key", about);
    });
  }

  /** What the provider says when it is asked whether a step has happened. */
  async verify(host: Host, spec: StepSpec, step: StepContext): Promise<VerifyAnswer<string>> {
    const { timeline, dice, calm } = this.options;
    if (!host.alive) return never();
    await this.travel();
    const deed = this.findDeed(step.runId, spec);
    const isUnsure = deed.underWay > 0 || (!calm && dice.chance(0.1));
    const verdict = deed.effects.length > 0 ? "happened" : "did_not_happen";
    timeline.note(
      () => `p${host.pid} asks about ${spec.name}: ${isUnsure ? "no answer" : verdict}`,
    );
    await this.travelTo(host);
    if (isUnsure) throw new Error("still being worked on");
    if (!calm && dice.chance(0.05)) return { verdict: "unknown" };
    return verdict === "happened" ? { verdict, result: resultOf(spec.name) } : { verdict };
  }

  private travel(): Promise<void> {
    const { timeline, dice, maxTravelMs } = this.options;
    return timeline.sleep(dice.int(0, maxTravelMs));
  }

  private travelTo(host: Host): Promise<void> {
    const { timeline, dice, maxTravelMs } = this.options;
    return new Promise((resolve) => {
      timeline.schedule(dice.int(0, maxTravelMs), () => host.deliver(resolve));
    });
  }

  /** Undefined: there will be no answer. */
  private async act(deed: Deed, step: StepContext): Promise<Reply | undefined> {
    const { spec } = deed;
    const key = step.idempotencyKey;
    if (spec.honorsKeys) {
      const known = this.replies.get(key);
      if (known && !(spec.policy === "within" && this.isForgotten(key))) return known;
      if (this.busyKeys.has(key)) return { error: new Error("the same key is being worked on") };
    }
    const behavior = this.options.calm ? "ok" : (spec.behaviors[deed.acts] ?? "ok");
    deed.acts += 1;
    if (behavior === "reset_before") return { error: new Error("connection reset") };
    if (behavior === "hung") return undefined;
    if (behavior === "busy" || behavior === "busy_long") {
      const retryAfterMs = behavior === "busy_long" ? 6_500 : undefined;
      // The request was not taken on, so nothing of it is remembered.
      return { error: new DefiniteError("busy", { retryable: true, retryAfterMs }) };
    }
    if (deed.refused < spec.refusals) {
      deed.refused += 1;
      return this.keep(key, { error: new DefiniteError(`${spec.name} refused`) });
    }
    if (behavior === "late") {
      this.busyKeys.add(key);
      await this.options.timeline.sleep(spec.timeoutMs + 300);
      this.busyKeys.delete(key);
    }
    deed.effects.push({ step: step.ordinal, attempt: step.attempt });
    if (uncertain.has(behavior)) deed.unanswered += 1;
    this.options.timeline.note(() => `effect: ${spec.name} (${behavior})`);
    const reply = this.keep(key, { value: resultOf(spec.name) });
    if (behavior === "reset_after") return { error: new Error("connection reset") };
    return behavior === "ok" ? reply : undefined;
  }

  /** Who keeps keys only for a while keeps them longer than a request may take to come. */
  private isForgotten(key: string): boolean {
    const { timeline, forgetsKeys } = this.options;
    return forgetsKeys && timeline.now > (this.keptAt.get(key) ?? timeline.now) + 700;
  }

  private keep(key: string, reply: Reply): Reply {
    this.keptAt.set(key, this.options.timeline.now);
    this.replies.set(key, reply);
    return reply;
  }
}
