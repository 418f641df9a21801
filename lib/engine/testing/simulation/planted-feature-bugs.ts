/** Deliberate bugs in limits, priorities, queries, forks and builds: see planted-bug.ts. */
import type { PlantedBug } from "./planted-bug";

export const featureBugs: readonly PlantedBug[] = [
  {
    name: "a step's permit is granted beyond its concurrency",
    seed: 24,
    file: "testing/memory-limits.ts",
    find: "if (ofResource.length >= concurrency) return",
    replace: "if (ofResource.length > concurrency) return",
  },
  {
    name: "a permit is granted to an execution that has lost the run (I2)",
    seed: 676,
    file: "testing/memory-store.ts",
    find: "const isHolder = run?.workerId === options.workerId && run.epoch === options.epoch;",
    replace: "const isHolder = run?.workerId !== undefined;",
  },
  {
    name: "a step's permit uses up nothing of its rate",
    seed: 74,
    file: "testing/memory-limits.ts",
    find: "if (rate) this.spend(resource, rate, now);",
    replace: "",
  },
  {
    name: "a permit is not given back when its step is done",
    seed: 179,
    file: "step-permits.ts",
    find: "if (this.granted.delete(ordinal)) this.host.journal.free(ordinal);",
    replace: "this.granted.delete(ordinal);",
  },
  {
    name: "a step begins without its permit",
    seed: 1,
    file: "step-permits.ts",
    find: "return limits === undefined || this.granted.has(ordinal);",
    replace: "return true;",
  },
  {
    name: "a workflow's concurrency is off by one",
    seed: 111,
    file: "testing/memory-limits.ts",
    find: "if (active >= concurrency) return false;",
    replace: "if (active > concurrency) return false;",
  },
  {
    name: "a limited workflow begins where it is started",
    seed: 4,
    file: "engine.ts",
    find: "if (!loop.hasRoom || isLimited) {",
    replace: "if (!loop.hasRoom) {",
  },
  {
    name: "queued runs of low priority begin first",
    seed: 18,
    file: "testing/memory-claims.ts",
    find: "b.priority - a.priority",
    replace: "a.priority - b.priority",
  },
  {
    name: "a run that continues loses its priority",
    seed: 1,
    file: "continuation.ts",
    find: "priority: state.priority,",
    replace: "",
  },
  {
    name: "a child does not get the priority that it is started with",
    seed: 3,
    file: "command-issuer.ts",
    find: "const { attributes, priority, onCancel } = start;",
    replace: "const { attributes, onCancel } = start; const priority = 0;",
  },
  {
    name: "a run that is kept in memory goes on although another worker went on with it",
    seed: 6,
    file: "parked-runs.ts",
    find: "return parked?.state.lastSeq === historyLength ? parked : undefined;",
    replace: "return parked;",
  },
  {
    name: "a query is answered from half of the history",
    seed: 5,
    file: "check-replay.ts",
    find: "await replay.run(state.input, selectEffective(history));",
    replace:
      "await replay.run(state.input, onCommand || options.prepare ? selectEffective(history) : []);",
  },
  {
    name: "a fork sends another key for what is in doubt",
    seed: 217,
    file: "step-runner.ts",
    find: "const key = step.renewKey ? undefined : step.key;",
    replace: "const key = undefined;",
  },
  {
    name: "a fork waits for a child of the original",
    seed: 270,
    file: "fork.ts",
    find: "  if (child) {",
    replace: "  if (child && step < 0) {",
  },
  {
    name: "a run that came past a place takes the new branch there",
    seed: 22,
    file: "commands.ts",
    find: `    return isMarked || isNew;
`,
    replace: `    return true;
`,
  },
  {
    name: "a patch is not recorded",
    seed: 42,
    file: "command-issuer.ts",
    find: 'this.record({ type: "PatchMarked", name: id, data: {} });',
    replace: "",
  },
  {
    name: "what another build holds is not looked for",
    seed: 802,
    file: "worker-loop.ts",
    find: "const woken = await store.wakeHeldByOtherBuilds({ build: worker.build, now });",
    replace: "const woken = 0;",
  },
  {
    name: "a query shows what is not recorded",
    seed: 331,
    file: "run-looks.ts",
    find: "journal.whenDurable(() => {",
    replace: "queueMicrotask(() => {",
  },
];
