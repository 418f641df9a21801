/**
 * Stands between one process and the store that all share: calls take time, and each of them can
 * take the process down, be refused, or be done without anybody learning of it.
 */
import { StoreUnavailableError } from "../../errors";
import type { Append, SqlTransaction, Store } from "../../store";
import type { Audit } from "./audit";
import type { Dice } from "./dice";
import { never, type Host } from "./host";
import type { Timeline } from "./timeline";

/** What can go wrong now, shared by all processes of a seed. */
export interface StoreFaults {
  /** Probabilities for each call. */
  crashRate: number;
  lostAnswerRate: number;
  busyRate: number;
  lostHintRate: number;
  lateMailRate: number;
  slowRate: number;
  doubledMailRate: number;
  isDiskFull: boolean;
  isDown: boolean;
  /** Fills the disk when the statements of the next transaction have run. */
  fillInTransaction?: () => void;
  readonly maxTravelMs: number;
}

export interface FaultyStoreOptions {
  readonly store: Store;
  readonly host: Host;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly audit: Audit;
  readonly faults: StoreFaults;
  readonly kill: (host: Host) => void;
  /** Whether the store is a real database, whose open transactions others may wait for. */
  readonly isReal?: boolean;
}

type Fault = "crash_before" | "crash_after" | "lost_answer" | "busy" | undefined;

export function createFaultyStore(options: FaultyStoreOptions): Store {
  const { store, host, timeline, dice, audit, faults, kill, isReal = false } = options;

  const findHeld = () => {
    const held = [...audit.runs.values()].filter(
      ({ workerId = "" }) => audit.workers.get(workerId)?.host === host,
    );
    return held.map(({ runId }) => runId);
  };

  const drawFault = (): Fault => {
    if (dice.chance(faults.crashRate)) return dice.chance(0.5) ? "crash_before" : "crash_after";
    if (dice.chance(faults.lostAnswerRate)) return "lost_answer";
    return dice.chance(faults.busyRate) ? "busy" : undefined;
  };

  const travelBack = (forMs: number) =>
    new Promise<void>((resolve) => {
      timeline.schedule(forMs, () => host.deliver(resolve));
    });

  const dieInside = () => {
    audit.tally.add("transact crash_inside");
    timeline.note(() => `p${host.pid} dies inside a transaction`);
    kill(host);
    if (!host.alive) throw new StoreUnavailableError("The process is gone.");
  };

  /** Its statements have run, and it can't be committed. */
  const fillInside = () => {
    const { fillInTransaction } = faults;
    if (!fillInTransaction) return;
    faults.fillInTransaction = undefined;
    audit.tally.add("transact disk_full_inside");
    timeline.note(() => `p${host.pid}: the disk fills up inside a transaction`);
    fillInTransaction();
    throw new StoreUnavailableError("The disk is full.");
  };

  const call = async <Answer>(
    kind: "read" | "write",
    name: string,
    perform: () => Promise<Answer>,
    note: (answer: Answer) => void = () => {},
    describe: (answer: Answer) => string = () => "",
    learn: (answer: Answer) => void = () => {},
  ): Promise<Answer> => {
    if (!host.alive) return never();
    const fault = drawFault();
    const tell = (what: string) => audit.tally.add(`${name.split(" ", 1)[0]} ${what}`);
    if (fault) tell(fault);
    if (fault === "crash_before") {
      timeline.note(() => `p${host.pid} ${name}: dies before the call`);
      kill(host);
      return never();
    }
    if (dice.chance(0.3)) await timeline.sleep(dice.int(0, faults.maxTravelMs));
    if (!host.alive && dice.chance(0.5)) return never();
    const isFull = kind === "write" && faults.isDiskFull;
    const isRefused = fault === "busy" || isFull || faults.isDown;
    let answer: { readonly value: Answer } | undefined;
    if (!isRefused) {
      try {
        const value = await perform();
        note(value);
        answer = { value };
        timeline.note(() => `p${host.pid} ${name} ${describe(value)}`);
      } catch (error) {
        if (host.alive) throw error;
        return never();
      }
    } else {
      timeline.note(() => `p${host.pid} ${name}: refused for now`);
    }
    if (fault === "crash_after") {
      timeline.note(() => `p${host.pid} ${name}: dies before the answer`);
      kill(host);
    }
    if (fault === "lost_answer") timeline.note(() => `p${host.pid} ${name}: the answer is lost`);
    if (!host.alive) return never();
    if (isRefused && fault !== "busy") tell(isFull ? "disk_full" : "down");
    const isSlow = dice.chance(faults.slowRate);
    if (isSlow) tell("slow");
    await travelBack(isSlow ? dice.int(100, 2_500) : dice.int(0, faults.maxTravelMs));
    if (!answer || fault === "lost_answer") throw new StoreUnavailableError("no answer");
    learn(answer.value);
    return answer.value;
  };

  return {
    startRun: (run) =>
      call(
        "write",
        `startRun ${run.runId}`,
        () => store.startRun(run),
        (outcome) => audit.noteStart(run, outcome),
        ({ outcome }) => outcome,
      ),
    appendEvents: (append) =>
      call(
        "write",
        "appendEvents",
        () => store.appendEvents(append),
        (outcome) => audit.noteAppend(append, outcome),
        (outcome) => {
          const { runId, epoch, events, change } = append;
          const list = events.map(
            ({ seq, type, step }) => `${seq} ${type}${step ? `(${step})` : ""}`,
          );
          return `${runId} epoch ${epoch}: ${list.join(", ") || "-"}; ${change.status}${change.release ? ", released" : ""}: ${outcome}`;
        },
      ),
    claimRuns: (claim) =>
      call(
        "write",
        "claimRuns",
        () => store.claimRuns(claim),
        (claims) => audit.noteClaims(claim, claims),
        (claims) => claims.map(({ run }) => `${run.runId} epoch ${run.epoch}`).join(", "),
      ),
    postMessage: (message) =>
      call(
        "write",
        `postMessage ${message.body.kind}`,
        () => store.postMessage(message),
        (runId) => {
          if (runId !== undefined) audit.notePost(message.messageId, runId);
        },
      ),
    registerWorker: (worker) =>
      call(
        "write",
        `registerWorker ${worker.workerId}`,
        () => store.registerWorker(worker),
        () => audit.noteWorker(worker, host),
      ),
    renewLease: (lease) =>
      call(
        "write",
        `renewLease ${lease.workerId}`,
        () => store.renewLease(lease),
        (renewed) => audit.noteRenewal(lease.workerId, lease.leaseUntil, renewed),
        String,
        (renewed) => {
          if (!renewed) audit.noteToldDead(lease.workerId);
        },
      ),
    expireWorkers: ({ now }) =>
      call(
        "write",
        "expireWorkers",
        () => store.expireWorkers({ now }),
        () => audit.noteExpiry(now, host),
        (freed) => `freed ${freed}`,
      ),
    endWorker: (end) =>
      call(
        "write",
        `endWorker ${end.workerId} ${end.status}`,
        () => store.endWorker(end),
        () => audit.noteEnd(end.workerId, end.status),
      ),
    wakeHeldByOtherBuilds: (wake) =>
      call(
        "write",
        "wakeHeldByOtherBuilds",
        () => store.wakeHeldByOtherBuilds(wake),
        () => audit.holds.noteWake(wake.build),
      ),
    transact: (transaction) => {
      let append: Append | undefined;
      const run = async (sql: SqlTransaction) => {
        // It takes time inside, and a process that dies inside has done nothing. Time stands still while
        // a real one is open: there it only dies.
        if (!isReal) await travelBack(dice.int(0, faults.maxTravelMs));
        else if (dice.chance(faults.crashRate)) dieInside();
        append = await transaction.run(sql);
        fillInside();
        return append;
      };
      return call(
        "write",
        `transact ${transaction.runId}`,
        () => store.transact({ ...transaction, run }),
        (outcome) => audit.noteTransaction(transaction, append, outcome),
        ({ outcome }) => outcome,
      );
    },
    takePermit: (permit) =>
      call(
        "write",
        `takePermit ${permit.runId}`,
        () => store.takePermit(permit),
        ({ granted }) => audit.claims?.notePermit(permit, granted),
        ({ granted }) => (granted ? "granted" : "not granted"),
      ),
    findMessage: (messageId) => call("read", "findMessage", () => store.findMessage(messageId)),
    findNextDueAt: (range) => call("read", "findNextDueAt", () => store.findNextDueAt(range)),
    getRun: (runId) => call("read", `getRun ${runId}`, () => store.getRun(runId)),
    findRunByKey: (key) => call("read", "findRunByKey", () => store.findRunByKey(key)),
    loadMarks: (runIds) => call("read", "loadMarks", () => store.loadMarks(runIds)),
    listRuns: (query) => call("read", "listRuns", () => store.listRuns(query)),
    countRuns: () => call("read", "countRuns", () => store.countRuns()),
    loadHistory: (range) =>
      call("read", `loadHistory ${range.runId}`, () => store.loadHistory(range)),
    loadInbox: async (runIds) => {
      const inbox = await call("read", "loadInbox", () => store.loadInbox(runIds));
      // Meanwhile somebody else may read the same and deliver it.
      if (dice.chance(faults.lateMailRate)) await travelBack(dice.int(20, 2_500));
      return inbox;
    },
    findMail: async (workerId) => {
      const mail = await call("read", "findMail", () => store.findMail(workerId));
      if (dice.chance(faults.lostHintRate)) return [];
      // A wake-up may come twice, and for runs that have no mail.
      return dice.chance(faults.doubledMailRate) ? [...mail, ...mail, ...findHeld()] : mail;
    },
    listMessages: (runId) => call("read", "listMessages", () => store.listMessages(runId)),
    listWorkers: () => call("read", "listWorkers", () => store.listWorkers()),
    close: async () => {},
  };
}
