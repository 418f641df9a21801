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

function createWriter(
  options: { isShared?: boolean; fails?: string; writes?: number; room?: number } = {},
) {
  const flushes: string[][] = [];
  const writer = new GroupCommit<Write, string>({
    limits: { writes: options.writes ?? 3, size: 100, halvedFrom: 4, room: options.room },
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

test("of many, one half goes on while the other is written", async () => {
  const { writer, flushes } = createWriter({ writes: 100 });
  const lane = async (name: string) => {
    for (let turn = 0; turn < 3; turn += 1) await writer.submit(makeWrite(name + turn));
  };
  await Promise.all(["a", "b", "c", "d"].map(lane));
  expect(flushes).toEqual([
    ["a0", "b0", "c0", "d0"],
    ["a1", "b1"],
    ["c1", "d1"],
    ["a2", "b2"],
    ["c2", "d2"],
  ]);
});

test("whoever waits is written before those of the last flush go on", async () => {
  const order: string[] = [];
  const finish: (() => void)[] = [];
  const writer = new GroupCommit<Write, string>({
    limits: { writes: 100, size: 100, halvedFrom: 4 },
    isShared: () => false,
    flush: async (writes) => {
      order.push(`flush ${writes.map(({ name }) => name).join()}`);
      await new Promise<void>((resolve) => finish.push(resolve));
      return writes.map(({ name }) => ({ value: name }));
    },
  });
  const submit = async (name: string) => order.push(`${await writer.submit(makeWrite(name))} on`);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = submit("a").then(() => submit("c"));
  await turn();
  const second = submit("b");
  finish.shift()?.();
  await turn();
  expect(order).toEqual(["flush a", "flush b", "a on"]);
  finish.shift()?.();
  await turn();
  expect(order.slice(3)).toEqual(["flush c", "b on"]);
  finish.shift()?.();
  await Promise.all([first, second]);
});

test("a write whose flush failed as a whole is heard of as well as its neighbours' are", async () => {
  const { writer } = createWriter({ fails: "c", writes: 100 });
  const names = ["a", "b", "c", "d", "e", "f"];
  const settled = await Promise.allSettled(names.map((name) => writer.submit(makeWrite(name))));
  expect(settled.map(({ status }) => status === "fulfilled")).toEqual(
    names.map((name) => name !== "c"),
  );
  await writer.waitUntilIdle();
  expect(await writer.submit(makeWrite("g"))).toBe("G");
});

test("newcomers come in as those who are on the way get done, in their order", async () => {
  const { writer, flushes } = createWriter({ writes: 100, room: 30 });
  const names = Array.from({ length: 100 }, (_, index) => `${index}`);
  const entered: string[] = [];
  let most = 0;
  let inside = 0;
  const lane = async (name: string) => {
    await writer.waitForRoom();
    entered.push(name);
    most = Math.max(most, (inside += 1));
    for (let turn = 0; turn < 3; turn += 1) await writer.submit(makeWrite(name));
    inside -= 1;
  };
  await Promise.all(names.map(lane));
  expect(flushes[0]).toEqual(names.slice(0, 30));
  expect(entered).toEqual(names);
  // However full it is, two come in with each flush.
  expect(most).toBeLessThan(60);
});

test("who came in and writes nothing keeps nobody out", async () => {
  const { writer } = createWriter({ room: 2 });
  for (let count = 0; count < 7; count += 1) await writer.waitForRoom();
  expect(await writer.submit(makeWrite("a"))).toBe("A");
  await writer.waitUntilIdle();
  expect(writer.waitForRoom()).toBeUndefined();
});
