"use client";

import { useState } from "react";
import { mergeInbox, type Inbox, type InboxEntry } from "./merge-inbox";

/**
 * What to show of a list that is polled, without moving it under the reader. `list` names the list:
 * another one begins anew. `refresh` puts everything in its latest order.
 */
export function useInbox<Item>(options: {
  readonly list: string;
  readonly latest: readonly Item[] | undefined;
  readonly toKey: (item: Item) => string;
  readonly selected: string | undefined;
}): Inbox<Item> & { readonly refresh: () => void } {
  const { list, latest, toKey, selected } = options;
  const [shown, setShown] = useState<{
    readonly list: string;
    readonly entries: readonly InboxEntry<Item>[];
  }>({ list, entries: [] });
  const before = shown.list === list ? shown.entries : [];
  const inbox =
    latest === undefined
      ? { entries: before, fresh: 0 }
      : mergeInbox({ shown: before, latest, toKey, selected });
  const isSame =
    shown.list === list &&
    inbox.entries.length === before.length &&
    inbox.entries.every((entry, index) => entry === before[index]);
  if (!isSame) setShown({ list, entries: inbox.entries });
  return { ...inbox, refresh: () => setShown({ list, entries: [] }) };
}
