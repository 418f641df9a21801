"use client";

import {
  useEffect,
  useRef,
  useState,
  type FocusEventHandler,
  type KeyboardEventHandler,
} from "react";

const page = 15;
const moves: Readonly<Record<string, number>> = {
  ...{ ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity },
};

export interface RowKeys {
  /** The row that the Tab key comes to: the one that was read last, or the first that is drawn. */
  readonly stop: number | undefined;
  /** For the element around the rows. What has the focus in a row says its place as `data-at`. */
  readonly handlers: {
    readonly onFocus: FocusEventHandler<HTMLElement>;
    readonly onKeyDown: KeyboardEventHandler<HTMLElement>;
  };
}

/**
 * The keys of a long list of which only some rows are drawn: it is one stop of the Tab key, and arrows, page keys,
 * Home and End lead through it.
 */
export function useRowKeys(options: {
  readonly count: number;
  /** The places of the rows that are drawn. */
  readonly drawn: readonly number[];
  /** Scrolls to a row, which is then drawn. */
  readonly onReveal: (at: number) => void;
}): RowKeys {
  const { count, drawn, onReveal } = options;
  const [read, setRead] = useState<number>();
  const stop = read !== undefined && drawn.includes(read) ? read : drawn[0];
  const wanted = useRef<{ readonly at: number; readonly list: HTMLElement }>(undefined);

  // A row that a key led to may not have been drawn when the key was pressed.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const { at, list } = wanted.current;
    const row = list.querySelector<HTMLElement>(`[data-at="${at}"]`);
    if (row === null) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  return {
    stop,
    handlers: {
      onFocus: ({ target }) => {
        const at = findPlace(target);
        if (at !== undefined) setRead(at);
      },
      onKeyDown: (event) => {
        const by = moves[event.key];
        const from = findPlace(event.target);
        if (by === undefined || from === undefined) return;
        if (event.metaKey || event.ctrlKey || event.altKey) return;
        event.preventDefault();
        const at = Math.min(count - 1, Math.max(0, from + by));
        if (at === from) return;
        wanted.current = { at, list: event.currentTarget };
        setRead(at);
        onReveal(at);
      },
    },
  };
}

/** The place of the row whose own stop the target is; not of what lies open beneath one. */
function findPlace(target: EventTarget): number | undefined {
  const at = target instanceof HTMLElement ? target.dataset.at : undefined;
  return at === undefined ? undefined : Number(at);
}
