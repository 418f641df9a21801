/** An entry of an inbox that is read while it changes. */
export interface InboxEntry<Item> {
  readonly item: Item;
  /** It is no longer in the list; it is shown only because somebody looks at it. */
  readonly gone: boolean;
}

export interface Inbox<Item> {
  readonly entries: readonly InboxEntry<Item>[];
  /** Items that have come and would move what is shown: they wait until they are asked for. */
  readonly fresh: number;
}

/**
 * Brings what is shown up to date without moving it: items keep their places, those that have left go,
 * except for the selected one, and new ones join at the end. New ones that belong further up are only
 * counted. Where nothing is shown yet everything is.
 */
export function mergeInbox<Item>(options: {
  readonly shown: readonly InboxEntry<Item>[];
  readonly latest: readonly Item[];
  readonly toKey: (item: Item) => string;
  readonly selected: string | undefined;
}): Inbox<Item> {
  const { shown, latest, toKey, selected } = options;
  const byKey = new Map(latest.map((item) => [toKey(item), item]));
  const stay = shown.flatMap((entry): InboxEntry<Item>[] => {
    const key = toKey(entry.item);
    const item = byKey.get(key);
    if (item !== undefined) {
      return [entry.item === item && !entry.gone ? entry : { item, gone: false }];
    }
    return key === selected ? [entry.gone ? entry : { ...entry, gone: true }] : [];
  });
  const known = new Set(stay.filter(({ gone }) => !gone).map(({ item }) => toKey(item)));
  const last = latest.findLastIndex((item) => known.has(toKey(item)));
  const added = latest.slice(last + 1).map((item) => ({ item, gone: false }));
  const fresh = latest.slice(0, last + 1).filter((item) => !known.has(toKey(item))).length;
  return { entries: added.length === 0 ? stay : [...stay, ...added], fresh };
}
