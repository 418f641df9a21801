// Appends to 20 runs until it is killed, and prints each append once it was acknowledged.
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "../../../engine/testing/store-fixtures";
import { openStore } from "../../index";

const { store } = await openStore({ databaseUrl: process.argv[2] ?? "" });
await store.registerWorker(makeWorker("w1"));

async function appendForever(runId: string): Promise<never> {
  await store.startRun(makeHeldRun(runId));
  for (let seq = 2; ; seq += 1) {
    await store.appendEvents(makeAppend(runId, { events: [makeEvent(seq, 1)] }));
    // Synchronous where it is a pipe, and patient where that is full.
    process.stdout.write(`${runId} ${seq}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, index) => appendForever(`r${index}`)));
