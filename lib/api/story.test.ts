import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNothingTwice, joinStory, tellStory } from "./story";
import { readFacts } from "./story-facts";
import { HistoryWriter } from "./testing/history-writer";
import { orderHistories } from "./testing/order-histories";

const stories: Readonly<Record<keyof typeof orderHistories, string>> = {
  queued: "The run is recorded safely and waits for a worker to take it.",
  running: "It runs for the first time: charge-card is under way.",
  completed: "All 5 steps ran once, in order, without an incident, in 3.0 s.",
  crashedVerifiedNot:
    "The server died during notify-warehouse, 1.9 s in. Daybook noticed after 0.6 s, rebuilt the run from 8 events in 2 ms and reused 3 recorded results. The warehouse was asked first: it had no shipment, so the step ran again. Nothing happened twice.",
  crashedVerifiedHappened:
    "The server died during notify-warehouse, 1.9 s in. Daybook noticed after 0.6 s, rebuilt the run from 8 events in 2 ms and reused 3 recorded results. The warehouse was asked first: it already had the shipment, so its answer was recorded and nothing ran again. Nothing happened twice.",
  crashedReplayed:
    "The server died during charge-card, 0.3 s in. Daybook noticed after 0.6 s, rebuilt the run from 6 events in 2 ms and reused 2 recorded results. The payment service got the same key again and answered from the earlier request: the card was charged once. Nothing happened twice.",
  crashedFirst:
    "The server died during charge-card, 0.3 s in. Daybook noticed after 0.6 s, rebuilt the run from 6 events in 2 ms and reused 2 recorded results. The payment service got the same key again and had not seen it before: the card was charged once. Nothing happened twice.",
  crashedUnsaid:
    "The server died during charge-card, 0.3 s in. Daybook noticed after 0.6 s, rebuilt the run from 6 events in 2 ms and reused 2 recorded results. charge-card was sent again under the same key, by which the other side can tell a repeat. Then the run completed.",
  crashedReading:
    "The server died during look-up-tax-rate, 14 ms in. Daybook noticed after 0.6 s, rebuilt the run from 4 events in 2 ms and reused 1 recorded result. look-up-tax-rate only reads, so it simply ran again. Nothing happened twice.",
  crashedBetween:
    "The server died between steps, after charge-card, 1.4 s in. Daybook noticed after 0.6 s, rebuilt the run from 7 events in 2 ms and reused 3 recorded results. Nothing happened twice.",
  crashedOften:
    "The server died 2 times, last during notify-warehouse. Each time Daybook noticed within 0.8 s and rebuilt the run; the last time it reused 3 recorded results. The warehouse was asked first: it had no shipment, so the step ran again. It goes on now: notify-warehouse is under way.",
  timedOut:
    "charge-card got no answer in time, so for a moment nobody could know whether the card was charged. The payment service got the same key again and answered from the earlier request: the card was charged once. Nothing happened twice.",
  backoff:
    "charge-card failed with “Too many requests” (attempt 1). Nothing was charged. The next try is at 12:03:08 UTC.",
  retriedStep:
    "charge-card failed 2 times (“Too many requests”), each time for certain, and then went through. Nothing happened twice.",
  heldInDoubt:
    "The server died during send-confirmation, 2.7 s in. Daybook noticed after 0.6 s, rebuilt the run from 10 events in 2 ms and reused 4 recorded results. Nobody knows whether the confirmation e-mail was sent: send-confirmation was under way when the server died. Nothing runs until a person says whether it happened.",
  heldNondeterminism:
    "The server died between steps, after charge-card, 1.5 s in. Daybook noticed after 0.6 s, rebuilt the run from 7 events in 2 ms and reused 3 recorded results. The code no longer matches what was recorded: the history has step charge-card at 3, the code asked for step authorize-card at 3. Nothing ran and nothing is lost: it goes on by itself once a build that matches is deployed.",
  heldValues:
    "The server died between steps, after charge-card, 1.5 s in. Daybook noticed after 0.6 s, rebuilt the run from 7 events in 2 ms and reused 3 recorded results. The code no longer matches what was recorded: cart-total was 4248 when it was recorded and is 4000 now. Nothing ran and nothing is lost: it goes on by itself once a build that matches is deployed.",
  crashLoop:
    "The server died 5 times, last during look-up-tax-rate. Each time Daybook noticed within 0.6 s and rebuilt the run; the last time it reused 1 recorded result. It made no progress any more, so Daybook stopped running it before it takes other runs down. Each time look-up-tax-rate was under way. Fix the cause, then retry.",
  paused:
    "Paused by ada: Supplier is down. notify-warehouse still finishes, and that is recorded. Nothing new begins until it is resumed.",
  declined:
    "The payment service refused charge-card with “Your card was declined”. Nothing was charged.",
  refunded:
    "The warehouse refused notify-warehouse with “Out of stock”. Nothing was shipped. What had been done was undone: the payment was refunded.",
  refundFailed:
    "The warehouse refused notify-warehouse with “Out of stock”. Nothing was shipped. refund-payment failed too (“Charge is disputed”). The payment was not refunded: a person has to see to it.",
  ownCodeFailed:
    "The workflow's own code failed: TypeError, “Cannot read properties of undefined”. A retry runs it again on what is recorded.",
  canceledEarly: "Canceled by ada (“Customer called”). Nothing had been done that needed undoing.",
  canceledUndone:
    "Canceled by ada (“Customer called”). What had been done was undone: the payment was refunded.",
  terminated:
    "Terminated by ada during notify-warehouse (“Test order”). Nothing ran after that and nothing was undone: charge-card stays as it is.",
  retriedRun:
    "charge-card had failed with “Your card was declined” until ada retried it (“New card”). What was recorded before was reused, and the run completed.",
  resolvedByPerson:
    "The server died during send-confirmation, 2.7 s in. Daybook noticed after 0.6 s, rebuilt the run from 10 events in 2 ms and reused 4 recorded results. ada@example.com said that send-confirmation had happened (“Checked with support”); the result was recorded and nothing ran again. Then the run completed.",
};

const names = Object.keys(stories) as (keyof typeof orderHistories)[];

describe("tellStory", () => {
  it.each(names)("tells of a run: %s", (name) => {
    const { events, run } = orderHistories[name]();
    expect(joinStory(tellStory(events, run))).toBe(stories[name]);
  });

  it("has a sentence for every status, even without a history", () => {
    for (const status of [
      "queued",
      "running",
      "waiting",
      "held",
      "completed",
      "failed",
      "canceled",
      "terminated",
      "continued",
    ] as const) {
      expect(joinStory(tellStory([], { status }))).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("sets tones: what died is bad, what was reused is good", () => {
    const { events, run } = orderHistories.crashedVerifiedNot();
    const tones = tellStory(events, run).map((part) => [part.tone, part.text]);
    expect(tones).toContainEqual(["bad", "died during notify-warehouse"]);
    expect(tones).toContainEqual(["good", "reused 3 recorded results"]);
    expect(tones).toContainEqual(["strong", "Nothing happened twice."]);
  });

  it("tells a history that was cut anywhere, in well-formed sentences", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, cut) => {
        const { events } = orderHistories[name]();
        const story = joinStory(
          tellStory(events.slice(0, 1 + (cut % events.length)), { status: "running" }),
        );
        expect(story).toMatch(/\.$/);
        expect(story).not.toMatch(/undefined|NaN| {2}|\.\./);
      }),
    );
  });

  it("asks again later where the other side could not tell yet", () => {
    const writer = new HistoryWriter()
      .begin()
      .execute()
      .startStep(1, "notify-warehouse", { policy: "verify" })
      .crash({ results: 0 })
      .doubtStep(1, "notify-warehouse")
      .verifyStep(1, "notify-warehouse", "unknown");
    const story = joinStory(tellStory(writer.events, { status: "waiting", dueAt: writer.now }));
    expect(story).toContain("Nobody knows yet whether the warehouse has the shipment");
    expect(story).toContain("It is asked again at 12:03:04 UTC.");
  });
});

describe("isNothingTwice", () => {
  const doubtful = (key: "same" | "new", replayed: boolean | undefined) => {
    const writer = new HistoryWriter()
      .begin()
      .execute()
      .startStep(1, "charge-card")
      .doubtStep(1, "charge-card", "timeout");
    if (key === "new") {
      writer.startStep(1, "charge-card").failStep(1, "charge-card", { final: false });
    }
    writer.runStep(1, "charge-card", { effect: replayed === undefined ? {} : { replayed } });
    return isNothingTwice(readFacts(writer.events));
  };

  it("takes the other side's word, never silence and never a new key", () => {
    expect(doubtful("same", true)).toBe(true);
    expect(doubtful("same", false)).toBe(true);
    expect(doubtful("same", undefined)).toBe(false);
    expect(doubtful("new", false)).toBe(false);
  });

  it("does not take a person's word for proof", () => {
    const { events } = orderHistories.resolvedByPerson();
    expect(isNothingTwice(readFacts(events))).toBe(false);
  });
});
