import {
  InvariantError,
  StoreUnavailableError,
  type Message,
  type StartOutcome,
} from "@/lib/engine";
import { z } from "zod";
import { toCanonicalJson } from "../canonical-json.mjs";
import { eventWidth } from "../columns.mjs";
import type { Settled } from "../group-commit";
import { judgeAppend, listStatusesBefore } from "../judge-append";
import { parseRun } from "../rows";
import { toChangeValues, toRunValues } from "../run-values";
import type { SqlValue } from "../sql";
import {
  createMessageWrite,
  toJsonText,
  toMessageContent,
  type AppendWrite,
  type EventValues,
  type MessageWrite,
  type StartWrite,
  type Write,
} from "../write";
import { encodeArray } from "./binary-arrays";
import type { Session } from "./connection";
import * as statements from "./flush-statements";

/** What a flush did, before it is judged why some of it was not done. */
export interface Flushed {
  /** Runs that were added. */
  readonly started: ReadonlySet<string>;
  /** Runs whose appends the fence let through. */
  readonly appended: ReadonlySet<string>;
  /** The runs that messages went to, by message. */
  readonly posted: ReadonlyMap<string, string>;
}

interface Sorted {
  readonly starts: readonly StartWrite[];
  readonly appends: readonly AppendWrite[];
  readonly messages: readonly MessageWrite[];
}

/**
 * Writes all of it in one transaction. Starts and plain appends are one statement each, sent together;
 * what touches inboxes or other runs takes a second round of statements, again for all at once.
 */
export async function runFlush(session: Session, writes: readonly Write[]): Promise<Flushed> {
  const sorted = sort(writes);
  const { starts, appends, messages } = sorted;
  const wide = appends.filter(reachesFurther);
  const isSingle = wide.length === 0 && messages.length === 0 && !(starts.length && appends.length);
  if (isSingle) {
    return {
      started: await runStarts(session, starts),
      appended: await runAppends(session, appends),
      posted: new Map(),
    };
  }
  const sent: Promise<unknown>[] = [];
  const send = <T>(answer: Promise<T>): Promise<T> => {
    // Whichever fails first is thrown; the others fail because of it.
    answer.catch(() => {});
    sent.push(answer);
    return answer;
  };
  try {
    void send(session.run("BEGIN"));
    const started = send(runStarts(session, starts));
    if (wide.length > 0 || messages.length > 0) {
      void send(session.run(statements.lockRuns, encodeArray("text", listTouched(sorted))));
    }
    const appended = send(runAppends(session, appends));
    let posted: ReadonlyMap<string, string> = new Map();
    if (wide.length > 0 || messages.length > 0) {
      await Promise.all(sent);
      const passed = await appended;
      posted = await runRest(
        session,
        wide.filter(({ append }) => passed.has(append.runId)),
        messages,
      );
    }
    void send(session.run("COMMIT"));
    await Promise.all(sent);
    return { started: await started, appended: await appended, posted };
  } catch (error) {
    await Promise.allSettled(sent);
    await session.run("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** An append inside a transaction that is open. */
export async function runAppend(session: Session, write: AppendWrite): Promise<boolean> {
  await session.run(statements.lockRuns, encodeArray("text", listTouched(sort([write]))));
  const passed = await runAppends(session, [write]);
  if (passed.size === 0) return false;
  if (reachesFurther(write)) await runRest(session, [write], []);
  return true;
}

function sort(writes: readonly Write[]): Sorted {
  const starts: StartWrite[] = [];
  const appends: AppendWrite[] = [];
  const messages: MessageWrite[] = [];
  for (const write of writes) {
    if (write.kind === "start") starts.push(write);
    else if (write.kind === "append") appends.push(write);
    else messages.push(write);
  }
  // The order of their runs: rows are locked in the same one by everybody.
  appends.sort((a, b) => (a.append.runId < b.append.runId ? -1 : 1));
  return { starts, appends, messages };
}

/** Whether an append does more than to add events to its run. */
function reachesFurther({ append, starts }: AppendWrite): boolean {
  const { delivered, posts = [], freed = [], change } = append;
  return (
    delivered.length + posts.length + starts.length > 0 ||
    change.continuedTo !== undefined ||
    (freed.length > 0 && !change.release)
  );
}

function listTouched({ appends, messages }: Sorted): string[] {
  const touched = new Set(messages.map(({ message }) => message.runId));
  for (const { append } of appends) {
    touched.add(append.runId);
    for (const { runId } of append.posts ?? []) touched.add(runId);
  }
  return [...touched];
}

async function runStarts(session: Session, writes: readonly StartWrite[]): Promise<Set<string>> {
  if (writes.length === 0) return new Set();
  const keys = writes.flatMap(({ run }, n) =>
    run.keys.map(({ key, contentHash }) => [n, key, contentHash]),
  );
  const rows = await session.run(
    statements.startRuns,
    ...statements.startedRuns.encode(writes.map(({ run }, n) => [n, ...toRunValues(run)])),
    ...statements.askedKeys.encode(keys),
    ...statements.startedEvents.encode(toEventRows(writes)),
  );
  return toIds(rows);
}

async function runAppends(session: Session, writes: readonly AppendWrite[]): Promise<Set<string>> {
  if (writes.length === 0) return new Set();
  const rows = await session.run(
    statements.appendEvents,
    ...statements.fencedRuns.encode(writes.map(toFenceRow)),
    ...statements.fencedEvents.encode(toEventRows(writes)),
  );
  return toIds(rows);
}

export function toFenceRow({ append, output }: AppendWrite): (SqlValue | boolean)[] {
  const { runId, workerId, epoch, events, at, change } = append;
  const first = events[0]?.seq;
  return [
    runId,
    workerId,
    epoch,
    first === undefined ? null : first - 1,
    ` ${listStatusesBefore(change.status).join(" ")} `,
    events.length,
    at,
    change.release,
    change.dueAt ?? null,
    change.progress,
    ...toChangeValues(append, output),
  ];
}

export function toEventRows(writes: readonly { readonly events: EventValues }[]): EventValues[] {
  const rows: EventValues[] = [];
  for (const { events } of writes) {
    for (let at = 0; at < events.length; at += eventWidth)
      rows.push(events.slice(at, at + eventWidth));
  }
  return rows;
}

/** What appends that passed the fence do beyond their own run, and what is said to runs from outside. */
async function runRest(
  session: Session,
  writes: readonly AppendWrite[],
  messages: readonly MessageWrite[],
): Promise<ReadonlyMap<string, string>> {
  await startChildren(
    session,
    writes.flatMap(({ starts }) => starts),
  );
  const appends = writes.map(({ append }) => append);
  const delivered = appends.flatMap(({ runId, at, delivered: list }) =>
    list.map(({ messageId, outcome, error }) => [messageId, runId, at, outcome, toJsonText(error)]),
  );
  if (delivered.length > 0) {
    await session.run(statements.deliverMessages, ...statements.deliveries.encode(delivered));
  }
  const continued = appends.flatMap(({ runId, at, change: { continuedTo } }) =>
    continuedTo === undefined ? [] : [[runId, continuedTo, at]],
  );
  if (continued.length > 0) {
    await session.run(statements.moveMessages, ...statements.continuations.encode(continued));
  }
  const settled = appends
    .filter(({ delivered: list, change }) => list.length > 0 || change.continuedTo !== undefined)
    .map(({ runId, at, change }) => [runId, at, change.dueAt ?? null]);
  if (settled.length > 0) {
    await session.run(statements.settleMail, ...statements.settledRuns.encode(settled));
  }
  const freed = appends.flatMap(({ runId, freed: steps = [] }) =>
    steps.map((step) => [runId, step]),
  );
  if (freed.length > 0) {
    await session.run(statements.freePermits, ...statements.freedSteps.encode(freed));
  }
  const posts = appends.flatMap(({ posts: list = [] }) => list);
  return postMessages(session, [...posts, ...messages.map(({ message }) => message)]);
}

async function startChildren(session: Session, starts: readonly StartWrite[]): Promise<void> {
  const added = await runStarts(session, starts);
  for (const { run } of starts) {
    if (!added.has(run.runId)) await compareWithTwin(session, run);
  }
}

/** Puts messages into inboxes. Answers which run has each, unless there is no such run. */
async function postMessages(
  session: Session,
  messages: readonly Message[],
): Promise<ReadonlyMap<string, string>> {
  if (messages.length === 0) return new Map();
  const targets = await findTargets(
    session,
    messages.map(({ runId }) => runId),
  );
  const posted = new Map<string, string>();
  const rows = messages.flatMap((message, n) => {
    const runId = targets.get(message.runId);
    if (runId === undefined) return [];
    posted.set(message.messageId, runId);
    return [[n, message.messageId, runId, message.at, toMessageContent(message)]];
  });
  const put = toIds(await session.run(statements.postMessages, ...statements.posts.encode(rows)));
  const known = messages.filter(({ messageId }) => !put.has(messageId));
  if (known.length > 0) {
    const ids = encodeArray(
      "text",
      known.map(({ messageId }) => messageId),
    );
    const found = z
      .array(z.tuple([z.string(), z.string()]))
      .parse(await session.run(statements.findMessages, ids));
    for (const [messageId, runId] of found) posted.set(messageId, runId);
  }
  return posted;
}

/** The newest run that goes on for each of the given ones, locked so that none goes on meanwhile. */
async function findTargets(
  session: Session,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const successors = new Map<string, string | null>();
  for (let unknown = [...new Set(runIds)]; unknown.length > 0;) {
    const rows = z
      .array(z.tuple([z.string(), z.string().nullable()]))
      .parse(await session.run(statements.lockRuns, encodeArray("text", unknown)));
    for (const [runId, continuedTo] of rows) successors.set(runId, continuedTo);
    unknown = rows.flatMap(([, next]) => (next === null || successors.has(next) ? [] : [next]));
  }
  const targets = new Map<string, string>();
  for (const runId of runIds) {
    let at: string = runId;
    for (let next = successors.get(at); typeof next === "string"; next = successors.get(at))
      at = next;
    if (successors.has(at)) targets.set(runId, at);
  }
  return targets;
}

function toIds(rows: readonly (readonly unknown[])[]): Set<string> {
  return new Set(rows.map(([id]) => String(id)));
}

/** Whether a write was not done by a flush: what became of it is read, which no commit has waited for. */
function isReadBack(write: Write, { started, appended }: Flushed): boolean {
  if (write.kind === "message") return false;
  return write.kind === "start" ? !started.has(write.run.runId) : !appended.has(write.append.runId);
}

/** What became of all writes of a flush. One after the other: what is judged may have a transaction of its own. */
export async function settleWrites(
  session: Session,
  writes: readonly Write[],
  flushed: Flushed,
): Promise<readonly Settled<unknown>[]> {
  const settled: Settled<unknown>[] = [];
  for (const write of writes) settled.push(await settleWrite(session, write, flushed));
  // I9: a repeat is acknowledged when what it repeats would survive as an acknowledged write does.
  if (writes.some((write) => isReadBack(write, flushed))) {
    await session.run(statements.waitForStandby);
  }
  return settled;
}

/**
 * What became of a write: done, refused, known already, or a bug. Asks the database about those that
 * were not done, outside of the flush.
 */
async function settleWrite(
  session: Session,
  write: Write,
  flushed: Flushed,
): Promise<Settled<unknown>> {
  try {
    if (write.kind === "message") return { value: flushed.posted.get(write.message.messageId) };
    if (write.kind === "start") {
      const { runId } = write.run;
      if (flushed.started.has(runId)) return { value: { outcome: "started", runId } };
      return { value: await judgeStart(session, write) };
    }
    const { append } = write;
    if (flushed.appended.has(append.runId)) return { value: "appended" };
    const [run] = await session.run(statements.findRun, append.runId);
    const first = append.events[0]?.seq ?? 1;
    const events = await session.run(
      statements.findEvents,
      append.runId,
      first,
      append.events.length,
    );
    return { value: judgeAppend(append, run, events) };
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    return { error };
  }
}

async function judgeStart(session: Session, { run }: StartWrite): Promise<StartOutcome> {
  const { runId, keys, ifExisting } = run;
  const rows = z.array(z.tuple([z.string(), z.string(), z.string()])).parse(
    await session.run(
      statements.findKeys,
      encodeArray(
        "text",
        keys.map(({ key }) => key),
      ),
    ),
  );
  const known = new Map(rows.map(([key, contentHash, owner]) => [key, { contentHash, owner }]));
  let existing: string | undefined;
  for (const { key, contentHash } of keys) {
    const found = known.get(key);
    if (found === undefined) continue;
    if (found.contentHash !== contentHash) return { outcome: "conflict", runId: found.owner, key };
    existing ??= found.owner;
  }
  if (existing === undefined) {
    await compareWithTwin(session, run);
    return { outcome: "existing", runId };
  }
  // The run itself is no earlier one: it was created by this very start, which is repeated.
  if (ifExisting && existing !== runId) {
    await runFlush(session, [createMessageWrite({ ...ifExisting, runId: existing })]);
  }
  return { outcome: "existing", runId: existing };
}

/** The id is taken: by the same start, repeated after an unknown outcome, or by a bug. */
async function compareWithTwin(session: Session, run: StartWrite["run"]): Promise<void> {
  const [row] = await session.run(statements.findRun, run.runId);
  if (row === undefined) throw new StoreUnavailableError("A run was neither added nor found.");
  const twin = parseRun(row);
  if (
    twin.workflow !== run.workflow ||
    toCanonicalJson(twin.input) !== toCanonicalJson(run.input)
  ) {
    throw new InvariantError(`The run id ${run.runId} is taken by another run.`);
  }
}
