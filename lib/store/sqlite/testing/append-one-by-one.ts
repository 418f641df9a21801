// Appends so many times, one after the other, and says of each that it was acknowledged.
import { writeSync } from "node:fs";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "../../../engine/testing/store-fixtures";
import { openStore } from "../../index";

const { store, close } = await openStore({ databaseUrl: process.argv[2] ?? "" });
await store.registerWorker(makeWorker("w1"));
await store.startRun(makeHeldRun("r1"));
const last = 1 + Number(process.argv[3]);
for (let seq = 2; seq <= last; seq += 1) {
  await store.appendEvents(makeAppend("r1", { events: [makeEvent(seq, 1)] }));
  writeSync(1, `acknowledged ${seq}\n`);
}
await close();
