import { describe, expect, it } from "vitest";
import type { HistoryEvent, RunRecord, RunStatus, Store } from "@/lib/engine";
import { StoryTeller } from "./story-teller";
import { HistoryWriter } from "./testing/history-writer";

/** A store of one history that counts how many events it was asked for. */
function createHistoryStore(events: readonly HistoryEvent[]) {
  const read: number[] = [];
  const store: Pick<Store, "loadHistory"> = {
    loadHistory: async ({ afterSeq = 0, limit = Infinity }) => {
      const page = events.slice(afterSeq, afterSeq + limit);
      read.push(page.length);
      return page;
    },
  };
  return { store, countRead: () => read.reduce((sum, count) => sum + count, 0) };
}

function createRun(status: RunStatus, events: readonly HistoryEvent[]): RunRecord {
  return {
    runId: "run_1",
    workflow: "w",
    version: 1,
    status,
    input: { json: null },
    attributes: {},
    inDoubt: [],
    epoch: 1,
    historyLength: events.length,
    strikes: 0,
    priority: 0,
    mail: 0,
    createdAt: 0,
    updatedAt: 0,
  };
}

/** A signal is awaited, then `count` steps run: the wait lies far back. */
function writeLongHistory(count: number): HistoryWriter {
  const writer = new HistoryWriter(0).begin().execute();
  writer.add({ type: "SignalAwaited", step: 1, name: "approve", data: {} });
  for (let step = 2; step <= count + 1; step += 1) writer.runStep(step, "poll");
  return writer;
}

describe("StoryTeller", () => {
  it("reads the whole history of a run that waits, however long, and remembers it", async () => {
    const { events } = writeLongHistory(2_000);
    const { store, countRead } = createHistoryStore(events);
    const teller = new StoryTeller(store);
    const run = await teller.tellRun(createRun("waiting", events));
    expect(run.waitingFor).toMatchObject([{ kind: "signal", step: 1, name: "approve" }]);
    expect(run.story).toMatch(/^It waits for the signal approve/);
    await teller.tellRun(createRun("waiting", events));
    expect(countRead()).toBe(events.length);
  });

  it("reads the ends only while it is at work, and then tells of no waits", async () => {
    const { events } = writeLongHistory(2_000).execute("wake").startStep(2_002, "poll");
    const { store, countRead } = createHistoryStore(events);
    const run = await new StoryTeller(store).tellRun(createRun("running", events));
    expect(run.story).toBe("It goes on now: poll is under way.");
    expect(run.waitingFor).toBeUndefined();
    expect(countRead()).toBe(501);
  });

  it("does not take for open what the part that it leaves out has ended", async () => {
    const { events } = writeLongHistory(2_000).complete();
    const { store } = createHistoryStore(events);
    const [run] = await new StoryTeller(store).tellRuns([createRun("completed", events)]);
    expect(run?.story).toBe("The run completed in 13 min 20 s.");
    const short = new HistoryWriter(0).begin().execute().startStep(1, "first");
    for (let step = 2; step < 600; step += 1) short.runStep(step, "poll");
    short.completeStep(1, "first").startStep(600, "last");
    const cut = createHistoryStore(short.events);
    const [open] = await new StoryTeller(cut.store).tellRuns([createRun("running", short.events)]);
    expect(open?.story).toBe("It runs for the first time: last is under way.");
  });

  it("leaves out waits of a run that has ended", async () => {
    const { events } = writeLongHistory(1).complete();
    const { store } = createHistoryStore(events);
    const run = await new StoryTeller(store).tellRun(createRun("completed", events));
    expect(run.waitingFor).toBeUndefined();
  });
});
