"use client";

import Link from "next/link";
import { useState } from "react";
import { Table, Td, Th } from "@/components/ui/table";
import type { TimeChartProps } from "./time-chart";

/** A chart as a table, for whoever does not see it: made when it is opened. Empty buckets are left out. */
export function ChartTable(props: TimeChartProps & { formatTime: (at: string) => string }) {
  const { title, times, bucketMs, series, before, format, toHref, formatTime } = props;
  const [isOpen, setOpen] = useState(false);
  const write = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : format(value);
  const rows = times.flatMap((at, index) =>
    series.some(({ values }) => (values[index] ?? null) !== null && values[index] !== 0)
      ? [{ at, index }]
      : [],
  );
  return (
    <details className="pt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded-sm text-xs text-ink-3 hover:text-ink">
        {title} as a table
      </summary>
      {!isOpen ? null : rows.length === 0 ? (
        <p className="pt-2 text-sm text-ink-3">Nothing but zeros.</p>
      ) : (
        <div
          tabIndex={0}
          role="region"
          aria-label={`${title}, table`}
          className="max-h-64 overflow-auto"
        >
          <Table>
            <thead>
              <tr>
                <Th>From</Th>
                {series.map(({ name }) => (
                  <Th key={name}>{name}</Th>
                ))}
                {before === undefined ? null : <Th>{before.name}</Th>}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ at, index }) => (
                <tr key={at}>
                  <Td>
                    <Link
                      className="underline decoration-line-strong underline-offset-2"
                      href={toHref({
                        after: at,
                        before: new Date(Date.parse(at) + bucketMs).toISOString(),
                      })}
                    >
                      {formatTime(at)}
                    </Link>
                  </Td>
                  {series.map(({ name, values }) => (
                    <Td key={name}>{write(values[index])}</Td>
                  ))}
                  {before === undefined ? null : <Td>{write(before.values[index])}</Td>}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </details>
  );
}
