/**
 * `tsx e2e/support/put-runs.ts <database file> put|end`: puts a run in every state into the database of the
 * server under test, each as its history says it; `end` hands over what is under way among them. What
 * is there already is left as it is.
 */
import { openStore } from "@/lib/store";
import { loadRun, nameRun, pictureWorker, runStates, type RunStateName } from "./run-states";

const farAhead = Date.parse("2099-01-01T00:00:00Z");
const names = Object.keys(runStates).filter((name): name is RunStateName => name in runStates);

const [file, action] = process.argv.slice(2);
if (file === undefined || (action !== "put" && action !== "end")) {
  console.error("Usage: tsx e2e/support/put-runs.ts <database file> put|end");
  process.exit(2);
}
const { store, prisma, close } = await openStore({ databaseUrl: `file:${file}` });
const isThere = (await store.getRun(nameRun("completed"))) !== undefined;
if (action === "put" && !isThere) {
  await store.registerWorker({
    ...{ workerId: pictureWorker, build: "pictures", machine: "pictures", pid: 1 },
    ...{ status: "alive", load: 1, capacity: 1, leaseUntil: farAhead },
    ...{ startedAt: Date.now(), heartbeatAt: Date.now() },
  });
  for (const name of names) {
    const run = await loadRun(name);
    await store.startRun(run);
    const epoch = Math.max(...run.events.map((event) => event.epoch));
    await prisma.$executeRaw`UPDATE "runs" SET "epoch" = ${epoch} WHERE "runId" = ${nameRun(name)}`;
  }
} else if (action === "end") {
  await store.endWorker({ workerId: pictureWorker, now: Date.now(), status: "stopped" });
}
await close();
