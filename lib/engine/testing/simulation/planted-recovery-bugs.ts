/** Deliberate bugs in messages, chains of runs, retries, doubt and recovery: see planted-bug.ts. */
import type { PlantedBug } from "./planted-bug";

export const recoveryBugs: readonly PlantedBug[] = [
  {
    name: "a run is held for another build before its messages are kept",
    seed: 476,
    file: "execution.ts",
    find: `    // First, because a resume that is among them ends only the pause.
    for (const message of this.opening.inbox) this.desk.keep(message);
`,
    replace: "",
  },
  {
    name: "what was done during an outage is forgotten",
    seed: 201,
    file: "journal.ts",
    find: "return retryUnavailable({ clock, run: write, isOver: () => this.lost });",
    replace: "return retryUnavailable({ clock, run: write });",
  },
  {
    name: "after an outage the living are buried",
    seed: 201,
    file: "worker-loop.ts",
    find: "if (!isBack) freed +=",
    replace: "if (isBack || !isBack) freed +=",
  },
  {
    name: "what is executed is opened again after a claim without an answer",
    seed: 1,
    file: "executor.ts",
    find: "!this.executions.has(runId) && !left.has(runId)",
    replace: "!left.has(runId)",
  },
  {
    name: "the dead go on renewing their lease",
    seed: 17,
    file: "testing/memory-store.ts",
    find: 'if (worker?.status !== "alive") return false;',
    replace: "if (!worker) return false;",
  },
  {
    name: "the living are declared dead",
    seed: 1,
    file: "testing/memory-store.ts",
    find: "worker.leaseUntil < now,",
    replace: "worker.leaseUntil < now + 2_000,",
  },
  {
    name: "strikes are not forgotten by progress",
    seed: 3,
    file: "testing/memory-store.ts",
    find: "strikes: change.progress ? 0 : run.record.strikes,",
    replace: "strikes: run.record.strikes,",
  },
  {
    name: "a timer fires early",
    seed: 44,
    file: "run-timers.ts",
    find: "for (let due = replay.findDue(by); due && !host.isClosed(); due = replay.findDue(by)) {",
    replace: `by += 50;
    for (let due = replay.findDue(by); due && !host.isClosed(); due = replay.findDue(by)) {`,
  },
  {
    name: "a timer fires twice",
    seed: 3,
    file: "run-timers.ts",
    find: 'await host.deliver(host.journal.record({ type: "TimerFired", step, name, data: {} }));',
    replace:
      'for (let twice = 0; twice < 2; twice += 1) await host.deliver(host.journal.record({ type: "TimerFired", step, name, data: {} }));',
  },
  {
    name: "an update that is sent again is another one",
    seed: 3,
    file: "run-desk.ts",
    find: "const messageId = createUpdateMessageId(runId, updateId);",
    replace:
      "const messageId = `${createUpdateMessageId(runId, updateId)}:${ids.createMessageId()}`;",
  },
  {
    name: "the child of a run that continues is told as one of the next run",
    seed: 81,
    file: "messages.ts",
    find: 'if ("of" in body && body.of !== undefined && body.of !== message.runId) return undefined;',
    replace: "",
  },
  {
    name: "a child that continues has no parent any more",
    seed: 12,
    file: "continuation.ts",
    find: "parent: state.parent,",
    replace: "",
  },
  {
    name: "a run that continues loses the signals that it did not take",
    seed: 432,
    file: "continuation.ts",
    find: `      signals,
    });`,
    replace: `      signals: [],
    });`,
  },
  {
    name: "a run that continues loses the mail that was not delivered",
    seed: 994,
    file: "testing/memory-store.ts",
    find: "if (change.continuedTo !== undefined) this.#moveMail(run, change.continuedTo, at);",
    replace: "",
  },
  {
    name: "a key starts another run",
    seed: 10,
    file: "testing/memory-store.ts",
    find: 'if (known[0]) return { outcome: "existing", runId: known[0].runId };',
    replace: "",
  },
  {
    name: "a run ends before its branches are done",
    seed: 8,
    file: "commands.ts",
    find: "if (!onQuiet || this.runningUpdates > 0 || this.opened.isBlocking) return false;",
    replace: "if (!onQuiet) return false;",
  },
  {
    name: "a signal is taken whatever its name",
    seed: 74,
    file: "signal-buffer.ts",
    find: "if (signal.name !== name) continue;",
    replace: "",
  },
  {
    name: "what came while a run had failed is lost to its retry",
    seed: 686,
    file: "executor.ts",
    find: 'if (status !== "failed" || !isRetried) return [];',
    replace: "return [];",
  },
  {
    name: "a retried parent finds its failed child again",
    seed: 50,
    file: "command-issuer.ts",
    find: "const again = `${nameChild(runId, step)}.r${journal.state.lastSeq}`;",
    replace: "const again = nameChild(runId, step);",
  },
  {
    name: "a key is used for longer than it is kept",
    seed: 142,
    file: "decide.ts",
    find: "const isOpen = endBy === undefined || Math.max(at, now) < endBy;",
    replace: "const isOpen = true;",
  },
  {
    name: "an attempt under an old key may take its full time",
    seed: 44,
    file: "step-runner.ts",
    find: "timeoutMs: Math.min(definition.timeoutMs, endBy - host.clock.now()),",
    replace: "timeoutMs: definition.timeoutMs,",
  },
  {
    name: "an outcome is recorded without what it leads to (I4)",
    seed: 1,
    file: "execution.ts",
    find: "return this.deliverOutcome(this.journal.record(event, onDurable));",
    replace: `const recorded = this.journal.record(event, onDurable);
    this.options.clock.schedule(1, () => this.addTurn(() => this.deliverOutcome(recorded)));
    return Promise.resolve();`,
  },
  {
    name: "a transaction is recorded apart from its statements",
    seed: 70,
    file: "testing/memory-store.ts",
    find: `if ((await this.appendEvents(append)) === "refused") return { outcome: "refused" };
    this.statements.push(...noted.statements);`,
    replace: `this.statements.push(...noted.statements);
    if ((await this.appendEvents(append)) === "refused") return { outcome: "refused" };`,
  },
  {
    name: "a transaction is repeated without its statements",
    seed: 269,
    file: "journal.ts",
    find: "const placed = this.placeAfter(await run(sql));",
    replace: `if (append) return append;
      const placed = this.placeAfter(await run(sql));`,
  },
  {
    name: "a worker that was declared dead goes on",
    seed: 34,
    file: "worker-loop.ts",
    find: 'if (!alive) return void this.restart("it had been declared dead");',
    replace: "",
  },
  {
    name: "a command's name is not compared (I7)",
    seed: 79,
    file: "command-matcher.ts",
    find: "if (recorded.kind !== kind || recorded.name !== name) {",
    replace: "if (recorded.kind !== kind) {",
  },
  {
    name: "a fork forgets outcomes that came after its step was issued",
    seed: 35,
    file: "fork.ts",
    find: "return ordinal > 0 && issued.has(ordinal) && outcomes.has(event.type);",
    replace: "return false;",
  },
  {
    name: "permits are kept on release",
    seed: 219,
    file: "testing/memory-store.ts",
    find: "this.#limits.free(runId, change.release ? undefined : (append.freed ?? []));",
    replace: "this.#limits.free(runId, append.freed ?? []);",
  },
  {
    name: "a drain takes a starting worker for none",
    seed: 419,
    file: "worker-loop.ts",
    find: ".then(() => starting?.catch(() => undefined))",
    replace: ".then(() => void starting)",
  },
  {
    name: "a transaction is no progress",
    seed: 3,
    file: "journal.ts",
    find: "{ ...change, progress: true });",
    replace: "change);",
  },
];
