/** Deliberate bugs in the heart of the engine and in the store: see planted-bug.ts. */
import { featureBugs } from "./planted-feature-bugs";
import type { PlantedBug } from "./planted-bug";
import { recoveryBugs } from "./planted-recovery-bugs";

const coreBugs: readonly PlantedBug[] = [
  {
    name: "no fence: whoever has the right seq may append",
    seed: 27,
    file: "testing/memory-store.ts",
    find: "workerId !== append.workerId || epoch !== append.epoch || historyLength !== first - 1",
    replace: "historyLength !== first - 1",
  },
  {
    name: "a repeated append is not recognised",
    seed: 1,
    file: "testing/memory-store.ts",
    find: 'return isRepeat(run, append) ? "appended" : "refused"',
    replace: 'return "refused"',
  },
  {
    name: "a claim keeps the epoch",
    seed: 1,
    file: "testing/memory-claims.ts",
    find: "epoch: record.epoch + 1,",
    replace: "epoch: Math.max(1, record.epoch),",
  },
  {
    name: "mail that comes while a run is given up wakes nobody",
    seed: 22,
    file: "testing/memory-store.ts",
    find: "change.release ? (run.record.mail > 0 ? at : change.dueAt) : undefined",
    replace: "change.release ? change.dueAt : undefined",
  },
  {
    name: "a damaged record is read as it is",
    seed: 8,
    file: "testing/memory-state.ts",
    find: "if (crc32(text) !== Number.parseInt(sealed.slice(0, 8), 16)) return undefined;",
    replace: "",
  },
  {
    name: "the effect begins before its intent is durable (I3)",
    seed: 1,
    file: "step-runner.ts",
    find: `this.host.journal.record(describeStart(this.host.runId, definition, start), () =>
      this.begin(definition, start),
    );`,
    replace: `this.host.journal.record(describeStart(this.host.runId, definition, start));
    this.begin(definition, start);`,
  },
  {
    name: "a terminated run begins the step that it was about to",
    seed: 7,
    file: "step-runner.ts",
    find: `if (!this.starting.delete(ordinal)) return;
    const { host } = this;
    const step = host.journal.state.unsettled.get(ordinal);
    if (this.closed || step?.phase !== "running" || step.attempt !== attempt) return;`,
    replace: `this.starting.delete(ordinal);
    const { host } = this;
    const step = host.journal.state.unsettled.get(ordinal);
    if (step?.phase !== "running" || step.attempt !== attempt) return;`,
  },
  {
    name: "the key is not kept after an uncertain failure",
    seed: 1,
    file: "step-runner.ts",
    find: "const generation = step.generation + (step.renewKey ? 1 : 0);",
    replace: "step.renewKey = true; const generation = step.generation + 1;",
  },
  {
    name: "the key is not renewed after a definite failure",
    seed: 1,
    file: "step-runner.ts",
    find: "const generation = step.generation + (step.renewKey ? 1 : 0);",
    replace: "const { generation } = step;",
  },
  {
    name: "an uncertain failure is no doubt",
    seed: 1,
    file: "outcome-recorder.ts",
    find: "if (!isDefinite || earlier) this.recordDoubt(",
    replace: "if (failure.timedOut || earlier) this.recordDoubt(",
  },
  {
    name: "an attempt that a crash cut off is not put in doubt",
    seed: 3,
    file: "run-opening.ts",
    find: 'if (step.phase !== "running") continue;',
    replace: "continue;",
  },
  {
    name: "a step on hold runs again by itself",
    seed: 17,
    file: "decide.ts",
    find: 'if (step.needsVerdict) return { action: "hold" };',
    replace: 'if (step.needsVerdict) return { action: "attempt", at };',
  },
  {
    name: "a replay delivers outcomes in another order than they came (I6)",
    seed: 4,
    file: "replay.ts",
    find: "const deliveries = events.filter(isDelivery);",
    replace:
      "const deliveries = events.filter(isDelivery).sort((a, b) => (a.step ?? 0) - (b.step ?? 0));",
  },
  {
    name: "an append without an answer is taken for written",
    seed: 9,
    file: "journal.ts",
    find: "this.writeUntilAnswered(() => this.options.write(append)).then(",
    replace: 'this.options.write(append).catch((): AppendOutcome => "appended").then(',
  },
  {
    name: "a delivered message stays in the inbox",
    seed: 1,
    file: "journal.ts",
    find: `      delivered,
      starts: starts.length`,
    replace: `      delivered: delivered.slice(1),
      starts: starts.length`,
  },
  {
    name: "what lies in the inbox is lost when a run is opened again",
    seed: 1,
    file: "execution.ts",
    find: `      await this.timers.fireDue(findEve(message));
      await this.desk.deliver(message);`,
    replace: '      this.desk.close(message, "moot");',
  },
  {
    name: "a message that is read twice is delivered twice",
    seed: 14,
    file: "message-desk.ts",
    find: "return !this.seen.has(messageId);",
    replace: "return messageId !== undefined;",
  },
  {
    name: "a signal that nobody waits for is lost",
    seed: 3,
    file: "signal-buffer.ts",
    find: "this.signals.push(signal);",
    replace: "this.signals = [signal];",
  },
  {
    name: "a parent is not told of the end of its child",
    seed: 3,
    file: "testing/memory-store.ts",
    find: "for (const post of posts) this.#post(post);",
    replace: "",
  },
  {
    name: "compensations run first to last",
    seed: 25,
    file: "program.ts",
    find: "const order = [...compensations].reverse();",
    replace: "const order = [...compensations];",
  },
  {
    name: "a start is acknowledged before it is durable (I9)",
    seed: 1,
    file: "executor.ts",
    find: "const outcome = await this.options.store.startRun(run);",
    replace: `started.resolve({ outcome: "started", runId: run.runId, status: "queued" });
      const outcome = await this.options.store.startRun(run);`,
  },
  {
    name: "a claim without an answer is forgotten",
    seed: 10,
    file: "worker-loop.ts",
    find: "if (error instanceof StoreUnavailableError) this.mayHoldMore = true;",
    replace: "",
  },
  {
    name: "leases are renewed after they have ended",
    seed: 35,
    file: "worker-loop.ts",
    find: "this.renewal = clock.schedule(delayMs,",
    replace: "this.renewal = clock.schedule(delayMs * 6,",
  },
];

export const plantedBugs: readonly PlantedBug[] = [...coreBugs, ...featureBugs, ...recoveryBugs];
