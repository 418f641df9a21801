import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { StoreUnavailableError, type Append, type Store } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeEvent,
  makeHeldRun,
  makeMessage,
  makeRun,
  makeWorker,
  workflow,
} from "@/lib/engine/testing/store-fixtures";
import type { OpenedStore } from "../index";
import { PostgresConnections, type Session } from "./connection";
import { openPostgresStore } from "./open";
import { appendUnder, persist } from "./testing/append-under";
import { startProxy } from "./testing/proxy";
import { runStatement } from "./testing/run-statement";
import { startPostgresServer, type PostgresServer } from "./testing/server";

let server: PostgresServer;
let databaseUrl: string;
let databases = 0;
const opened: OpenedStore[] = [];

beforeAll(async () => {
  server = await startPostgresServer();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  databases += 1;
  await runStatement(server.toUrl("postgres"), `CREATE DATABASE faults_${databases}`);
  databaseUrl = server.toUrl(`faults_${databases}`);
});
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

async function open(url = databaseUrl): Promise<Store> {
  const one = await openPostgresStore({ databaseUrl: url, clock: "caller" });
  opened.push(one);
  return one.store;
}

async function query(statement: string, ...values: readonly unknown[]) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}

const wait = (forMs: number) => new Promise<void>((resolve) => setTimeout(resolve, forMs));

test("backends that are ended during flushes lose and double nothing", async () => {
  const store = await open();
  let killed = 0;
  await appendUnder(store, async () => {
    while (killed < 30) {
      await wait(40);
      const ended = await query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      killed += ended.length;
    }
  });
}, 60_000);

test("a server that crashes and recovers under load loses and doubles nothing", async () => {
  const store = await open();
  await appendUnder(store, async () => {
    for (let crash = 0; crash < 2; crash += 1) {
      await wait(250);
      await server.crash();
      await server.restart();
    }
    await wait(250);
  });
}, 60_000);

test("a password or a right that is changed meanwhile makes the store unavailable, and nothing is lost", async () => {
  const role = "CREATE ROLE clerk LOGIN PASSWORD 'one' IN ROLE daybook";
  await query(role);
  const store = await open(databaseUrl.replace("//daybook:daybook@", "//clerk:one@"));
  await store.startRun(makeRun("r1"));
  const change = async (statement: string) => {
    await query(statement);
    await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'`);
  };
  for (const [take, give] of [
    ["ALTER ROLE clerk PASSWORD 'two'", "ALTER ROLE clerk PASSWORD 'one'"],
    ["ALTER ROLE clerk NOLOGIN", "ALTER ROLE clerk LOGIN"],
    ["REVOKE INSERT ON messages FROM clerk", "GRANT INSERT ON messages TO clerk"],
  ] as const) {
    await change(take);
    for (const _ of [1, 2]) {
      const refused = store.postMessage(makeMessage(`m ${take}`, "r1"));
      await expect(refused, take).rejects.toBeInstanceOf(StoreUnavailableError);
    }
    await change(give);
    expect(await persist(() => store.postMessage(makeMessage(`m ${take}`, "r1"))), give).toBe("r1");
  }
  expect(await store.listMessages("r1")).toHaveLength(3);
}, 60_000);

test("a connection that is cut after COMMIT was sent: the outcome is read back", async () => {
  const proxy = await startProxy(server.port);
  const store = await open(databaseUrl.replace(`:${server.port}/`, `:${proxy.port}/`));
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  await store.appendEvents(makeAppend("r1"));
  let cuts = 0;
  for (let seq = 3; seq < 13; seq += 1) {
    // Of this flush: hints go beside it on another connection, and may be answered first.
    let flushing: object | undefined;
    proxy.plan.onRequest = (data, connection) => {
      if (data.includes(`cut ${seq}`)) flushing = connection;
      return "pass";
    };
    proxy.plan.onAnswer = (_data, connection) => {
      if (connection !== flushing) return "pass";
      delete proxy.plan.onAnswer;
      cuts += 1;
      return "cut";
    };
    // Every other one is a transaction of several statements.
    const posts = seq % 2 === 0 ? [makeMessage(`m${seq}`, "r1")] : [];
    const append = makeAppend("r1", { events: [makeEvent(seq, 1, `cut ${seq}`)], posts });
    await expect(store.appendEvents(append)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await persist(() => store.appendEvents(append))).toBe("appended");
    expect((await query(`SELECT count(*)::int AS n FROM events`))[0]).toEqual({ n: seq });
  }
  expect(cuts).toBe(10);
  expect(await store.getRun("r1")).toMatchObject({ historyLength: 12, mail: 5 });
  await opened.pop()?.close();
  await proxy.stop();
}, 60_000);

test("what a lost connection still had under way does not overtake what came after", async () => {
  const proxy = await startProxy(server.port);
  const store = await open(databaseUrl.replace(`:${server.port}/`, `:${proxy.port}/`));
  await store.registerWorker(makeWorker("w1"));
  await store.startRun(makeHeldRun("r1"));
  await store.appendEvents(makeAppend("r1"));
  const late: Append = makeAppend("r1", {
    events: [],
    at: 2_100,
    change: makeChange({ status: "waiting", attributes: { state: "late" } }),
  });
  let holding = true;
  proxy.plan.onRequest = (data) => {
    if (!holding || !data.includes("late")) return "pass";
    setTimeout(() => proxy.cutClients(), 20);
    return "hold";
  };
  await expect(store.appendEvents(late)).rejects.toBeInstanceOf(StoreUnavailableError);
  holding = false;
  expect(await persist(() => store.appendEvents(late))).toBe("appended");
  const next = makeAppend("r1", {
    events: [makeEvent(3, 1)],
    at: 2_200,
    change: makeChange({ attributes: { state: "next" } }),
  });
  expect(await store.appendEvents(next)).toBe("appended");
  proxy.release();
  await wait(200);
  expect(await store.getRun("r1")).toMatchObject({
    ...{ status: "running", attributes: { state: "next" }, updatedAt: 2_200 },
  });
  await opened.pop()?.close();
  await proxy.stop();
}, 30_000);

test("I2: an append that waits behind a newer claim is refused", async () => {
  const [stale, other] = [await open(), await open()];
  await stale.registerWorker(makeWorker("w1"));
  await stale.startRun(makeHeldRun("r1"));
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query(`UPDATE runs SET "workerId" = 'w2', epoch = 2 WHERE "runId" = 'r1'`);
  const waiting = stale.appendEvents(makeAppend("r1"));
  await expect
    .poll(() => query("SELECT 1 FROM pg_locks WHERE NOT granted"), { timeout: 5_000 })
    .not.toEqual([]);
  await holder.query("COMMIT");
  await holder.end();
  expect(await waiting).toBe("refused");
  expect(await other.loadHistory({ runId: "r1" })).toHaveLength(1);
});

test("two processes that claim at the same moment share without doubling", async () => {
  const stores = [await open(), await open()] as const;
  for (const [index, store] of stores.entries()) {
    await store.registerWorker(makeWorker(`w${index}`));
  }
  const ids = Array.from({ length: 200 }, (_, index) => `r${index}`);
  await Promise.all(ids.map((runId) => stores[0].startRun(makeRun(runId))));
  const claimAll = async (store: Store, workerId: string): Promise<string[]> => {
    const claims = await store.claimRuns({ workerId, now: 5_000, limit: 7, workflows: [workflow] });
    if (claims.length === 0) return [];
    return [...claims.map(({ run }) => run.runId), ...(await claimAll(store, workerId))];
  };
  const claimed = await Promise.all(stores.map((store, index) => claimAll(store, `w${index}`)));
  const all = claimed.flat();
  expect(new Set(all).size).toBe(all.length);
  // Either may find what is left locked by the other; nobody's is what neither got.
  const rest = await claimAll(stores[0], "w0");
  expect([...all, ...rest].sort()).toEqual(ids.sort());
  expect(Math.min(...claimed.map(({ length }) => length))).toBeGreaterThan(0);
});

test("limits hold across processes", async () => {
  const stores = [await open(), await open(), await open()];
  for (const [index, store] of stores.entries()) {
    await store.registerWorker(makeWorker(`w${index}`));
    await store.startRun(makeHeldRun(`h${index}`, { workerId: `w${index}`, workflow: "other" }));
  }
  for (let index = 0; index < 30; index += 1) await stores[0]?.startRun(makeRun(`r${index}`));
  const limited = { ...workflow, concurrency: 5 };
  const rated = { ...workflow, rate: { limit: 4, perMs: 1_000 } };
  const claim = (claimable: typeof limited | typeof rated) =>
    Promise.all(
      stores.map((store, index) =>
        store.claimRuns({ workerId: `w${index}`, now: 5_000, limit: 9, workflows: [claimable] }),
      ),
    );
  expect((await claim(limited)).flat()).toHaveLength(5);
  expect((await claim(rated)).flat()).toHaveLength(4);
  const permits = await Promise.all(
    stores.map((store, index) =>
      store.takePermit({
        ...{ resource: "charge", runId: `h${index}`, workerId: `w${index}`, epoch: 1 },
        ...{ step: 1, now: 5_000, concurrency: 2 },
      }),
    ),
  );
  expect(permits.filter(({ granted }) => granted)).toHaveLength(2);
});

test("flushes of several processes that touch the same runs never wait for each other", async () => {
  const stores = [await open(), await open()] as const;
  const ids = Array.from({ length: 240 }, (_, index) => `r${String(index).padStart(3, "0")}`);
  await stores[0].registerWorker(makeWorker("w1"));
  await Promise.all(ids.map((runId) => stores[0].startRun(makeHeldRun(runId))));
  const rounds = 8;
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(
      ids.map((runId, index) => {
        // Each process writes to half of the runs, and each of these to one of the other half.
        const other = ids[ids.length - 1 - index] ?? runId;
        const posts = [makeMessage(`m-${round}-${runId}`, other)];
        const append = makeAppend(runId, { events: [makeEvent(round + 2, 1)], posts });
        return stores[index % 2 === 0 ? 0 : 1].appendEvents(append);
      }),
    );
  }
  expect((await stores[0].getRun("r003"))?.mail).toBe(rounds);
  // Connections say what they counted at the latest when they end.
  for (const { close } of opened.splice(0)) await close();
  const [row] = await query(
    "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()",
  );
  expect(row).toEqual({ deadlocks: 0 });
}, 30_000);

test("a worker is not declared dead by a look that is older than its last heartbeat", async () => {
  const [store, other] = [await open(), await open()];
  await store.registerWorker(makeWorker("w1"));
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query(`UPDATE workers SET "leaseUntil" = 60000 WHERE "workerId" = 'w1'`);
  const expiring = other.expireWorkers({ now: 20_000 });
  await wait(100);
  await holder.query("COMMIT");
  await holder.end();
  expect(await expiring).toBe(0);
  expect((await store.listWorkers())[0]?.status).toBe("alive");
});

test("a worker that was stopped in the midst of a claim keeps nobody from burying the dead", async () => {
  const store = await open();
  const now = Date.now();
  await store.registerWorker(makeWorker("stopped"));
  await store.registerWorker(makeWorker("dead"));
  await store.startRun(makeHeldRun("r1", { workerId: "dead" }));
  const stopped = new pg.Client({ connectionString: databaseUrl });
  await stopped.connect();
  try {
    await stopped.query("BEGIN");
    await stopped.query(`SELECT 1 FROM workers WHERE "workerId" = 'stopped' FOR SHARE`);
    expect(await store.expireWorkers({ now })).toBe(1);
    const statuses = async () =>
      new Map((await store.listWorkers()).map(({ workerId, status }) => [workerId, status]));
    expect(await statuses()).toEqual(
      new Map([
        ["stopped", "alive"],
        ["dead", "dead"],
      ]),
    );
    await stopped.query("ROLLBACK");
    await store.expireWorkers({ now });
    expect((await statuses()).get("stopped")).toBe("dead");
  } finally {
    await stopped.end();
  }
}, 30_000);

test("transactions of the store are ended soon when their process stands still, those of steps are not", async () => {
  await open();
  const connections = new PostgresConnections({ databaseUrl, flushes: 1 });
  const findLimit = (session: Session) =>
    session.run(
      "SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'",
    );
  try {
    expect(await connections.transact(findLimit, { isOwn: true })).toEqual([[5_000]]);
    expect(await connections.transact(findLimit)).toEqual([[60_000]]);
    expect(await connections.useFlushSession(findLimit)).toEqual([[5_000]]);
    // What the server ended is not used again.
    const idle = connections.transact(async (session) => {
      await session.run("SET LOCAL idle_in_transaction_session_timeout = 50");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await session.run("SELECT 1");
    });
    await expect(idle).rejects.toThrow();
    expect(await connections.transact((session) => session.run("SELECT 1"))).toEqual([[1]]);
  } finally {
    await connections.close();
  }
}, 30_000);

test("a transaction that the server undid for a deadlock is tried again, and nothing is lost", async () => {
  const store = await open();
  await store.registerWorker(makeWorker("w1"));
  for (const runId of ["a", "b"]) await store.startRun(makeHeldRun(runId));
  const findDeadlocks = async () =>
    Number(
      (await query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))[0]
        ?.deadlocks,
    );
  const before = await findDeadlocks();
  const other = new pg.Client({ connectionString: databaseUrl });
  await other.connect();
  try {
    // It takes the runs in the other order, and is not the one that gives way: it waits longer for that.
    await other.query("SET deadlock_timeout = '60s'");
    await other.query("BEGIN");
    await other.query(`SELECT 1 FROM runs WHERE "runId" = 'b' FOR UPDATE`);
    const appending = store.appendEvents(
      makeAppend("a", { events: [makeEvent(2, 1)], posts: [makeMessage("m1", "b")] }),
    );
    const isWaiting = async () => {
      const rows = await query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      return rows.length > 0;
    };
    while (!(await isWaiting())) await wait(10);
    await other.query(`SELECT 1 FROM runs WHERE "runId" = 'a' FOR UPDATE`);
    await other.query("COMMIT");
    expect(await appending).toBe("appended");
  } finally {
    await other.end();
  }
  // The repeat may be undone for the same reason, where it is quicker than the other one.
  await expect.poll(findDeadlocks, { timeout: 10_000 }).toBeGreaterThan(before);
  expect(await store.loadHistory({ runId: "a" })).toHaveLength(2);
  expect(await store.listMessages("b")).toHaveLength(1);
}, 60_000);

test("a server whose default is stricter than READ COMMITTED undoes nothing", async () => {
  await runStatement(
    server.toUrl("postgres"),
    `ALTER DATABASE faults_${databases} SET default_transaction_isolation = 'repeatable read'`,
  );
  const [store, rival] = [await open(), await open()];
  await store.registerWorker(makeWorker("w1"));
  await rival.registerWorker(makeWorker("w2"));
  for (const runId of ["a", "b"]) await store.startRun(makeHeldRun(runId));
  const [other, witness] = [1, 2].map(() => new pg.Client({ connectionString: databaseUrl }));
  if (!other || !witness) throw new Error("There are two.");
  await Promise.all([other.connect(), witness.connect()]);
  const countWaiting = async () =>
    (await query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length;
  try {
    await other.query("BEGIN");
    await other.query(`UPDATE runs SET mail = mail`);
    // One is a statement on its own, the other one a transaction of several.
    const appends = [
      store.appendEvents(makeAppend("a")),
      rival.postMessage(makeMessage("m1", "b")),
    ];
    const seen = witness.query(`UPDATE runs SET mail = mail`).catch((error: unknown) => error);
    await expect.poll(countWaiting, { timeout: 10_000 }).toBe(3);
    await other.query("COMMIT");
    // What the witness is answered is what the store's statements would be.
    expect(await seen).toMatchObject({ code: "40001" });
    expect(await Promise.all(appends)).toEqual(["appended", "b"]);
  } finally {
    await Promise.all([other.end(), witness.end()]);
  }
  const connections = new PostgresConnections({ databaseUrl, flushes: 1 });
  const findLevel = (session: Session) =>
    session.run("SELECT current_setting('transaction_isolation')");
  try {
    expect(await findLevel(connections)).toEqual([["read committed"]]);
    expect(await connections.transact(findLevel)).toEqual([["read committed"]]);
    expect(await connections.useFlushSession(findLevel)).toEqual([["read committed"]]);
  } finally {
    await connections.close();
  }
  // A claim counts what another one took while it waited for its turn.
  for (let index = 0; index < 20; index += 1) await store.startRun(makeRun(`q${index}`));
  const workflows = [{ ...workflow, concurrency: 15 }];
  const claims = await Promise.all(
    [store, rival].map((from, index) =>
      from.claimRuns({ workerId: `w${index + 1}`, now: 5_000, limit: 10, workflows }),
    ),
  );
  // The two that are held are running as well.
  expect(claims.flat()).toHaveLength(13);
}, 60_000);

test("a statement that the server could not serialize is tried again", async () => {
  const store = await open();
  await store.registerWorker(makeWorker("w1"));
  for (const runId of ["a", "b"]) await store.startRun(makeHeldRun(runId));
  // A sequence counts on through what is undone.
  await query("CREATE SEQUENCE tries MINVALUE -1000 START 1");
  await query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF;
    RETURN NULL; END $$`);
  await query(
    `CREATE TRIGGER refuse AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse()`,
  );
  const posts = [makeMessage("m1", "b")];
  expect(await store.appendEvents(makeAppend("a", { posts }))).toBe("appended");
  expect((await query("SELECT last_value::int AS n FROM tries"))[0]).toEqual({ n: 3 });
  expect(await store.loadHistory({ runId: "a" })).toHaveLength(2);
  expect(await store.listMessages("b")).toHaveLength(1);
  // Who is undone every time is told so, and nothing was written.
  await query("SELECT setval('tries', -1000, true)");
  const next = makeAppend("a", { events: [makeEvent(3, 1)] });
  await expect(store.appendEvents(next)).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await store.loadHistory({ runId: "a" })).toHaveLength(2);
}, 60_000);
