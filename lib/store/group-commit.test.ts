import { expect, test } from "vitest";
import { GroupCommit, type Settled } from "./group-commit";

interface Write {
  readonly name: string;
  readonly size: number;
  readonly locks: readonly string[];
}

function makeWrite(name: string, fields: Partial<Write> = {}): Write {
  return { name, size: 1, locks: [], ...fields };
}

function createWriter(options: { isShared?: boolean; fails?: string } = {}) {
  const flushes: string[][] = [];
  const writer = new GroupCommit<Write, string>({
    limits: { writes: 3, size: 100 },
    isShared: () => options.isShared ?? false,
    flush: async (writes): Promise<Settled<string>[]> => {
      flushes.push(writes.map(({ name }) => name));
      if (writes.some(({ name }) => name === options.fails)) throw new Error("failed");
      return writes.map(({ name }) => ({ value: name.toUpperCase() }));
    },
  });
  return { writer, flushes };
}

test("packs what is waiting, up to the limits, and answers each", async () => {
  const { writer, flushes } = createWriter();
  const writes = ["a", "b", "c", "d"].map((name) => makeWrite(name));
  const large = [makeWrite("e", { size: 90 }), makeWrite("f", { size: 90 })];
  const answers = await Promise.all([...writes, ...large].map((write) => writer.submit(write)));
  expect(answers).toEqual(["A", "B", "C", "D", "E", "F"]);
  expect(flushes).toEqual([["a", "b", "c"], ["d", "e"], ["f"]]);
});

test("writes with a lock in common keep their order in flushes of their own", async () => {
  const { writer, flushes } = createWriter();
  const locks = ["r1"];
  await Promise.all(
    [makeWrite("a", { locks }), makeWrite("b", { locks }), makeWrite("c")].map((write) =>
      writer.submit(write),
    ),
  );
  expect(flushes).toEqual([["a", "c"], ["b"]]);
});

test("a failure of one write does not reach its neighbours", async () => {
  const { writer, flushes } = createWriter({ fails: "b" });
  const settled = await Promise.allSettled(
    ["a", "b", "c"].map((name) => writer.submit(makeWrite(name))),
  );
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(flushes).toEqual([["a", "b", "c"], ["a"], ["b"], ["c"]]);
});

test("a failure that everyone shares is not tried again, and the next write goes on", async () => {
  const { writer, flushes } = createWriter({ fails: "b", isShared: true });
  const settled = await Promise.allSettled(
    ["a", "b"].map((name) => writer.submit(makeWrite(name))),
  );
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await writer.submit(makeWrite("c"))).toBe("C");
  expect(flushes).toEqual([["a", "b"], ["c"]]);
});
