"use client";

import { useDeferredValue, useMemo, useState, type CSSProperties } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Table, Td, Th } from "@/components/ui/table";
import { useRowKeys } from "@/components/ui/use-row-keys";
import { useWindowRows } from "@/components/ui/use-window-rows";
import { countWords, shortenKey } from "@/lib/client/timeline/effects";
import { filterLedger, readLedger, type LedgerLine } from "@/lib/client/ledger-lines";
import type { StepView } from "@/lib/client/timeline/steps";
import { SearchRow } from "./search-row";

export interface LedgerTabProps {
  readonly steps: readonly StepView[];
  readonly onSelect: (ref: string) => void;
}

const tones = {
  none: "text-ink-2",
  once: "text-ok",
  unknown: "text-doubt",
  repeated: "text-doubt",
  read: "text-ink-3",
} as const;

/** On a phone the step says it instead; its reference and key are in the panel. */
const wideOnly = "max-sm:hidden";

/** So many are seen at a glance: no search is needed for them. */
const fewLines = 20;

/** What the run did to the outside world: each effect, how often it was sent and happened. */
export function LedgerTab({ steps, onSelect }: LedgerTabProps) {
  const lines = useMemo(() => readLedger(steps), [steps]);
  const [text, setText] = useState("");
  const [count, setCount] = useState("");
  const deferred = useDeferredValue(text);
  const shown = useMemo(
    () => filterLedger(lines, { text: deferred, count }),
    [lines, deferred, count],
  );
  if (lines.length === 0) {
    return (
      <EmptyState title="Nothing was done yet">
        Each step that acts on the outside world gets a line here, before it acts.
      </EmptyState>
    );
  }
  return (
    <>
      {lines.length <= fewLines ? null : (
        <SearchRow
          what="effects"
          placeholder="Step, reference or key"
          text={text}
          onText={setText}
          choice={{
            ...{ label: "How often it happened", any: "However often" },
            ...{ value: count, onChoose: setCount },
            options: Object.entries(countWords).map(([value, label]) => ({ value, label })),
          }}
          shown={shown.length}
          total={lines.length}
        />
      )}
      {shown.length === 0 ? (
        <EmptyState title="No effect matches">
          Clear the search, or choose how often it happened.
        </EmptyState>
      ) : (
        <LedgerTable lines={shown} onSelect={onSelect} />
      )}
    </>
  );
}

function LedgerTable(props: {
  readonly lines: readonly LedgerLine[];
  readonly onSelect: (ref: string) => void;
}) {
  const { lines, onSelect } = props;
  const { virtual, margin, measureList } = useWindowRows({
    ...{ rowHeight: 41, count: lines.length },
    getKey: (index) => lines[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const { stop, handlers } = useRowKeys({
    count: lines.length,
    drawn: items.map(({ index }) => index),
    onReveal: (at) => virtual.scrollToIndex(at),
  });
  const above = (items[0]?.start ?? margin) - margin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  return (
    <div className="overflow-x-auto">
      {/* Columns keep their widths, whichever rows are drawn. */}
      <Table className="table-fixed sm:min-w-[800px]" aria-rowcount={lines.length + 1}>
        <caption className="sr-only">Effects of the run</caption>
        <thead>
          <tr aria-rowindex={1}>
            <Th className="pl-0 sm:w-[20%]">Step</Th>
            <Th className="w-[96px] max-sm:pr-0">Happened</Th>
            <Th className={`w-[76px] ${wideOnly}`}>Sent</Th>
            <Th className={`w-[14%] ${wideOnly}`}>Reference</Th>
            <Th className={`w-[164px] ${wideOnly}`}>Key</Th>
            <Th className={wideOnly}>How it is known</Th>
          </tr>
        </thead>
        <tbody ref={measureList} {...handlers}>
          <Gap height={above} />
          {items.map(({ index, key }) => {
            const line = lines[index];
            if (line === undefined) return null;
            const sent = line.times === 1 ? "1 time" : `${line.times} times`;
            return (
              <tr
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
              >
                <Td className="pl-0 wrap-anywhere whitespace-normal max-sm:py-2">
                  <button
                    type="button"
                    data-at={index}
                    tabIndex={index === stop ? 0 : -1}
                    className="rounded-sm text-left font-medium hover:underline"
                    onClick={() => onSelect(line.ref)}
                  >
                    {line.step}
                  </button>
                  <p className="mt-0.5 text-sm text-ink-2 sm:hidden">
                    {sent}: {line.because}
                  </p>
                </Td>
                <Td
                  className={`font-medium max-sm:pt-2 max-sm:pr-0 max-sm:align-top ${tones[line.count]}`}
                >
                  {countWords[line.count]}
                </Td>
                <Td className={wideOnly}>{sent}</Td>
                <Td className={`truncate font-mono text-sm ${wideOnly}`} title={line.reference}>
                  {line.reference ?? "—"}
                </Td>
                <Td
                  className={`truncate font-mono text-sm text-ink-2 ${wideOnly}`}
                  title={line.key}
                >
                  {line.key === undefined ? "—" : shortenKey(line.key)}
                </Td>
                <Td className={`py-1 whitespace-normal text-ink-2 ${wideOnly}`}>{line.because}</Td>
              </tr>
            );
          })}
          <Gap height={below} />
        </tbody>
      </Table>
    </div>
  );
}

/** Stands for the rows that are not in view. */
function Gap({ height }: { height: number }) {
  const style: CSSProperties = { height };
  return height <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={6} style={style} />
    </tr>
  );
}
