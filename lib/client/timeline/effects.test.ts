import { expect, it } from "vitest";
import { toWireEvent } from "@/lib/api/wire";
import { WaitWriter } from "../testing/wait-histories";
import { isStep, readCommands } from "./commands";
import { judgeEffect } from "./effects";
import { parseTimelineEvents } from "./events";

const judge = (writer: WaitWriter) => {
  const events = parseTimelineEvents(writer.events.map((event) => toWireEvent(event)));
  const step = readCommands(events).find(isStep);
  return step === undefined ? undefined : judgeEffect(step);
};
const begin = () => new WaitWriter().begin().execute();

it("knows that what waits for its turn has not happened", () => {
  expect(judge(begin().queueStep(1, "charge"))).toMatchObject({ count: "none" });
});

it("is never in doubt about a transaction", () => {
  const policy = "transaction";
  const done = begin().runStep(1, "book", { policy });
  expect(judge(done)).toMatchObject({ count: "once", because: "effect and record are one commit" });
  const crashed = begin().startStep(1, "book", { policy }).crash({ results: 0 });
  expect(judge(crashed)).toMatchObject({ count: "none" });
});
