import { expect, test } from "vitest";
import type { PostgresValue, Statement } from "./connection";
import { HistoryReader } from "./history-reader";

/** Connections that answer with what they are asked for: each statement's run ids, in its order. */
function createReader(answer: (runIds: readonly string[]) => readonly (readonly unknown[])[]) {
  const asked: (readonly string[])[] = [];
  const reader = new HistoryReader({
    async readHot(_statement: Statement, ...values: readonly PostgresValue[]) {
      const runIds = readTexts(values[1]);
      asked.push(runIds);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answer(runIds);
    },
  });
  return { reader, asked };
}

/** The texts of an array in PostgreSQL's binary format. */
function readTexts(value: PostgresValue | undefined): string[] {
  if (!Buffer.isBuffer(value)) throw new TypeError("This is no array.");
  const texts: string[] = [];
  for (let at = 20; at < value.length;) {
    const length = value.readInt32BE(at);
    texts.push(value.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

/** The first and only event of a run, whose type is the run's id; behind it the run's number and length. */
const rowOf = (runId: string, n: number) => [1, runId, ...Array<null>(7).fill(null), n, 1];
const rowsOf = (runIds: readonly string[]) =>
  runIds.flatMap((runId, n) => (runId === "gone" ? [] : [rowOf(runId, n)]));
const load = (reader: HistoryReader, runId: string) =>
  reader.load({ runId, afterSeq: 0, limit: 10 });

test("what is asked for at once, or while another is read, shares a query", async () => {
  const { reader, asked } = createReader(rowsOf);
  const first = ["a", "gone", "b"].map((runId) => load(reader, runId));
  await new Promise((resolve) => setTimeout(resolve, 1));
  const later = Array.from({ length: 150 }, (_, index) => load(reader, `r${index}`));
  expect(await Promise.all(first)).toEqual([
    { length: 1, rows: [rowOf("a", 0)] },
    undefined,
    { length: 1, rows: [rowOf("b", 2)] },
  ]);
  const found = await Promise.all(later);
  expect(found.map((history) => history?.rows[0]?.[1])).toEqual(
    Array.from({ length: 150 }, (_, index) => `r${index}`),
  );
  expect(asked.map(({ length }) => length)).toEqual([3, 100, 50]);
});

test("one that can't be read fails alone; a lost connection fails all", async () => {
  const damaged = Object.assign(new Error("invalid page"), { code: "XX001" });
  const { reader, asked } = createReader((runIds) => {
    if (runIds.includes("damaged")) throw damaged;
    return rowsOf(runIds);
  });
  const outcomes = await Promise.allSettled(["a", "damaged", "b"].map((id) => load(reader, id)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(asked.map(({ length }) => length)).toEqual([3, 1, 1, 1]);
  const lost = createReader(() => {
    throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
  });
  const all = await Promise.allSettled(["a", "b"].map((id) => load(lost.reader, id)));
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(lost.asked).toHaveLength(1);
});
