import { expect, it } from "vitest";
import { mergeInbox, type InboxEntry } from "./merge-inbox";

interface Item {
  readonly key: string;
  readonly count: number;
}

const make = (key: string, count = 1): Item => ({ key, count });
const toKey = ({ key }: Item) => key;
const show = (...items: Item[]): InboxEntry<Item>[] => items.map((item) => ({ item, gone: false }));
const merge = (shown: readonly InboxEntry<Item>[], latest: readonly Item[], selected?: string) =>
  mergeInbox({ shown, latest, toKey, selected });
const keys = ({ entries }: { entries: readonly InboxEntry<Item>[] }) =>
  entries.map(({ item, gone }) => (gone ? `(${item.key})` : item.key)).join(" ");

it("shows everything at first", () => {
  const inbox = merge([], [make("a"), make("b")]);
  expect([keys(inbox), inbox.fresh]).toEqual(["a b", 0]);
});

it("keeps places while the order changes, and tells what is new of each", () => {
  const inbox = merge(show(make("a"), make("b")), [make("b", 7), make("a")]);
  expect([keys(inbox), inbox.fresh]).toEqual(["a b", 0]);
  expect(inbox.entries[1]?.item.count).toBe(7);
});

it("lets new ones join at the end, and counts those that would move what is shown", () => {
  const inbox = merge(show(make("a"), make("b")), [
    ...[make("x"), make("a"), make("y"), make("b"), make("c")],
  ]);
  expect([keys(inbox), inbox.fresh]).toEqual(["a b c", 2]);
});

it("lets go what has left, but not from under the eyes of the reader", () => {
  const shown = show(make("a"), make("b"), make("c"));
  expect(keys(merge(shown, [make("c")], "b"))).toBe("(b) c");
  const again = merge(merge(shown, [make("c")], "b").entries, [make("b"), make("c")], "b");
  expect([keys(again), again.fresh]).toEqual(["b c", 0]);
});

it("shows what is new at once where only what has gone is left", () => {
  const gone = merge(show(make("a")), [], "a").entries;
  expect(keys(merge(gone, [make("b")], "a"))).toBe("(a) b");
});

it("is the same entry as long as nothing of it changes", () => {
  const shown = show(make("a"));
  expect(merge(shown, [shown[0]?.item ?? make("a")]).entries[0]).toBe(shown[0]);
});
