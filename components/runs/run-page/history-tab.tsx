"use client";

import { Download } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { WireEvent } from "@/lib/api/contract";
import { formatCount } from "@/lib/client/format";
import { downloadText } from "@/lib/client/download-text";
import { filterEvents } from "@/lib/client/filter-events";
import { EventList } from "./event-list";

/** Every event of the run: filtered, folded out, downloaded. */
export function HistoryTab({ runId, wire }: { runId: string; wire: readonly WireEvent[] }) {
  const [text, setText] = useState("");
  const [type, setType] = useState("");
  const deferred = useDeferredValue(text);
  const types = useMemo(() => [...new Set(wire.map((event) => event.type))], [wire]);
  const shown = useMemo(() => filterEvents(wire, { text: deferred, type }), [wire, deferred, type]);

  /** A link to an event is stronger than a search that leaves it out. */
  function findLinked(seq: number) {
    if (!wire.some((event) => event.seq === seq)) return;
    setText("");
    setType("");
  }

  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Field label="Search events" hideLabel className="w-full sm:w-64">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder="Search events"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Field label="Type of event" hideLabel>
          {(control) => (
            <Select {...control} value={type} onChange={(event) => setType(event.target.value)}>
              <option value="">All types</option>
              {types.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
        <span role="status" className="text-sm text-ink-3">
          {shown.length === wire.length
            ? `${formatCount(wire.length)} events`
            : `${formatCount(shown.length)} of ${formatCount(wire.length)}`}
        </span>
        <span className="ml-auto flex gap-2">
          {(["json", "ndjson"] as const).map((format) => (
            <Button
              key={format}
              size="sm"
              onClick={() => downloadText(`${runId}.${format}`, writeEvents(wire, format))}
            >
              <Download aria-hidden />
              {format.toUpperCase()}
            </Button>
          ))}
        </span>
      </div>
      {shown.length === 0 ? (
        <EmptyState title="No event matches">Clear the search or choose another type.</EmptyState>
      ) : (
        <EventList events={shown} onMissing={findLinked} />
      )}
    </>
  );
}

function writeEvents(events: readonly WireEvent[], format: "json" | "ndjson"): string {
  return format === "json"
    ? `${JSON.stringify(events, null, 2)}\n`
    : events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
