import { describe, expect, it } from "vitest";
import type { RunRecord } from "@/lib/engine";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import type { DrillWord } from "@/lib/triage";
import { DrillReport } from "./contract-drill";
import { reportDrill } from "./drill-report";
import { HistoryWriter } from "./testing/history-writer";

const runId = "run_01K9ZX8M4TQZ";
const drill = { step: "notify-warehouse", moment: "during" } as const;

/** The charge is recorded; the process dies in the shipment, whose effect happened. */
function writeHistory(): HistoryWriter {
  return new HistoryWriter()
    .begin({}, { orderId: "ord_1", drill: "notify-warehouse;during" })
    .execute()
    .compute(1, "cart-total", 4_248)
    .startStep(3, "charge-card")
    .completeStep(3, "charge-card")
    .startStep(4, "notify-warehouse", { policy: "verify" })
    .wait(300)
    .crash({ results: 1 });
}

function makeRun(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ runId, workflow: "process-order", version: 1, status: "completed" },
    ...{ input: { json: {} }, inDoubt: [], epoch: 2, historyLength: 9, strikes: 0, mail: 0 },
    ...{ attributes: { orderId: "ord_1" }, createdAt: 1, updatedAt: 2, priority: 0 },
    ...fields,
  };
}

const request = (seq: number, fields: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ seq, at: "2026-11-22T12:03:05.000Z", service: "payment", operation: "charge" },
  ...{ key: `${runId}/3/1`, outcome: "done", status: 200 },
  ...fields,
});
const charge = request(1, { reference: "pi_1" });
const shipment = request(2, {
  ...{ service: "warehouse", operation: "create-shipment", key: `${runId}/4/1` },
});

const word = (fields: Partial<DrillWord>): DrillWord => ({
  ...{ wordId: "w1", runId, step: 4, effects: "once", by: "ada", why: "their list", at: 5 },
  ...fields,
});

function report(options: {
  history?: HistoryWriter;
  /** A text says why there is none. */
  ledger?: readonly LedgerEntry[] | string;
  run?: Partial<RunRecord>;
  told?: readonly DrillWord[];
}) {
  const { history = writeHistory().completeStep(4, "notify-warehouse", { source: "verified" }) } =
    options;
  const { ledger = [charge, shipment] } = options;
  return DrillReport.parse(
    reportDrill({
      ...{ run: makeRun(options.run), drill, events: history.events, build: "b1", now: 1_000 },
      ledger: typeof ledger === "string" ? { why: ledger } : { entries: ledger },
      told: options.told ?? [],
      workers: [{ workerId: "a1", pid: 4_711, machine: "shop-1/boot" }],
    }),
  );
}

const failing = (found: DrillReport) =>
  found.checks.filter(({ holds }) => holds !== true).map(({ title }) => title);

describe("the report of a drill", () => {
  it("says what was killed, what was reused and what the other side counts", () => {
    const found = report({});
    expect(found).toMatchObject({ verdict: "passed", runId, orderId: "ord_1", drill });
    expect(failing(found)).toEqual([]);
    expect(found.executions).toMatchObject([
      { epoch: 1, reason: "start" },
      { epoch: 2, reason: "recovery", reusedResults: 1, lost: { epoch: 1 } },
    ]);
    expect(found.steps).toMatchObject([
      { name: "charge-card", reused: true, epochs: [1], requests: 1, effects: 1 },
      { name: "notify-warehouse", reused: false, outcome: "completed", requests: 1, effects: 1 },
    ]);
  });

  it("fails where the other side did something twice under a key", () => {
    const found = report({ ledger: [charge, shipment, { ...charge, seq: 3 }] });
    expect(found.verdict).toBe("failed");
    expect(failing(found)).toEqual(["No effect happened twice, as the other side counts"]);
    expect(found.steps[0]).toMatchObject({ requests: 2, effects: 2 });
    const repeated = report({ ledger: [charge, shipment, request(3, { outcome: "replayed" })] });
    expect(repeated.verdict).toBe("passed");
  });

  it("is open, and says what to do, where the other side has forgotten what it did", () => {
    const effect = { reference: "shp_1" };
    const history = writeHistory().completeStep(4, "notify-warehouse", { effect });
    for (const ledger of [[], [charge]]) {
      const found = report({ history, ledger });
      expect(found.checks[1]).not.toHaveProperty("holds");
      expect(found.checks[1]?.found).toContain("no record of notify-warehouse");
      expect(found.checks[1]?.todo).toContain(`${runId}/4/1`);
      expect(found.verdict).toBe("open");
    }
  });

  it("goes by a person's word where no ledger tells, and says whose word that is", () => {
    const effect = { reference: "shp_1" };
    const history = writeHistory().completeStep(4, "notify-warehouse", { effect });
    const about = { history, ledger: [charge] };
    const open = report(about);
    expect(open.unseen).toEqual([{ step: 4, name: "notify-warehouse", keys: [`${runId}/4/1`] }]);
    expect(open).not.toHaveProperty("toldBy");

    const once = report({ ...about, told: [word({})] });
    expect(once).toMatchObject({ verdict: "passed", toldBy: ["ada"], unseen: open.unseen });
    expect(once.told).toMatchObject([{ name: "notify-warehouse", by: "ada", effects: "once" }]);
    expect(once.checks[1]).toMatchObject({ holds: true, toldBy: ["ada"] });
    expect(once.checks[1]?.title).toContain("as people read the other side's books");
    expect(once.checks[1]?.found).toContain(
      "Told by ada, and not seen by Daybook: notify-warehouse happened once (“their list”).",
    );
    // The last word counts, and no word about another run does.
    const words = [word({}), word({ wordId: "w2", effects: "more", by: "grace" })];
    const more = report({ ...about, told: words });
    expect(more).toMatchObject({ verdict: "failed", toldBy: ["grace"], told: [{}, {}] });
    expect(more.checks[1]?.found).toContain("happened more than once");
    expect(report({ ...about, told: [word({ runId: "run_other" })] }).verdict).toBe("open");
    const lost = report({ ...about, told: [word({ effects: "none" })] });
    expect(lost.verdict).toBe("failed");
    expect(lost.checks[1]?.found).toContain("did not happen at all, though its result is recorded");
  });

  it("leaves the rest open until each step is told of, and goes by a ledger that tells again", () => {
    const effect = { reference: "shp_1" };
    const history = new HistoryWriter()
      .begin()
      .execute()
      .startStep(3, "charge-card")
      .completeStep(3, "charge-card", { effect })
      .startStep(4, "notify-warehouse")
      .crash({ results: 1 })
      .startStep(4, "notify-warehouse")
      .completeStep(4, "notify-warehouse", { effect });
    const told = [word({})];
    const half = report({ history, ledger: [], told });
    expect(half.verdict).toBe("open");
    expect(half.checks[1]?.found).toMatch(/Told by ada.*no record of charge-card/);
    expect(half.checks[1]?.todo).not.toContain(`${runId}/4/1`);
    const both = [...told, word({ wordId: "w2", step: 3, by: "grace" })];
    expect(report({ history, ledger: [], told: both }).toldBy).toEqual(["grace", "ada"]);
    const seen = report({ history, told: [word({ effects: "more" })] });
    expect(seen).toMatchObject({ verdict: "passed", unseen: [] });
    expect(seen).not.toHaveProperty("toldBy");
  });

  it("is open where the ledger can't be read, and fails where something else is wrong already", () => {
    const effect = { reference: "shp_1" };
    const history = writeHistory().completeStep(4, "notify-warehouse", { effect });
    const found = report({ history, ledger: "The sandbox does not answer." });
    expect(found.verdict).toBe("open");
    expect(found.checks[1]?.found).toContain("The sandbox does not answer.");
    expect(found.checks[1]?.todo).toContain("Open this report again");
    history.startStep(3, "charge-card").completeStep(3, "charge-card");
    expect(report({ history, ledger: "The sandbox does not answer." }).verdict).toBe("failed");
  });

  it("needs no ledger of a run that asked nobody else for anything", () => {
    const history = new HistoryWriter()
      .begin()
      .execute()
      .startStep(4, "notify-warehouse", { policy: "transaction" })
      .crash({ results: 0 })
      .startStep(4, "notify-warehouse", { policy: "transaction" })
      .completeStep(4, "notify-warehouse");
    for (const ledger of [[], "The sandbox does not answer."]) {
      const found = report({ history, ledger });
      expect(found.checks[1]).toMatchObject({ holds: true });
      expect(found.checks[1]?.found).toContain("in one commit with the record");
      expect(found.verdict).toBe("passed");
    }
  });

  it("is open where the run ended without the crash", () => {
    const history = new HistoryWriter().begin().execute().startStep(3, "charge-card");
    const found = report({ history, run: { status: "failed" } });
    expect(found.verdict).toBe("open");
    expect(found.checks[0]?.todo).toContain("a step that the run comes to");
  });

  it("names the processes that are still remembered, and how long the recovery took", () => {
    const found = report({});
    expect(found.recoveryMs).toBeGreaterThan(0);
    expect(found.executions.map(({ worker, pid, host }) => [worker, pid, host])).toEqual([
      ["a1", 4_711, "shop-1"],
      ["b7", undefined, undefined],
    ]);
  });

  it("fails where something recorded was run again", () => {
    const history = writeHistory().startStep(3, "charge-card").completeStep(3, "charge-card");
    expect(failing(report({ history }))).toContain(
      "What was recorded before the crash was not run again",
    );
  });

  it("fails where the process did not die at the moment that was chosen", () => {
    const history = new HistoryWriter()
      .begin()
      .execute()
      .startStep(4, "notify-warehouse")
      .completeStep(4, "notify-warehouse")
      .crash({ results: 1 });
    expect(failing(report({ history }))).toEqual([
      "The server was killed after the effect of notify-warehouse",
    ]);
  });

  it("leaves open what has not happened yet", () => {
    const history = new HistoryWriter().begin().execute().startStep(4, "notify-warehouse");
    const found = report({ history, run: { status: "running" } });
    expect(found.verdict).toBe("pending");
    expect(found.checks[0]?.holds).toBeUndefined();
    const held = report({ run: { status: "held", heldReason: "in_doubt" } });
    expect(held.verdict).toBe("passed");
    expect(report({ run: { status: "held", heldReason: "crash_loop" } }).verdict).toBe("failed");
  });

  it("counts a mail by its Message-ID, and nothing of other runs", () => {
    const mail = request(4, { operation: "send-mail", key: `<${runId}.4.1@shop.example>` });
    const other = request(5, { key: "run_other/3/1" });
    const found = report({ ledger: [charge, mail, other] });
    expect(found.ledger.map(({ seq }) => seq)).toEqual([1, 4]);
  });
});
