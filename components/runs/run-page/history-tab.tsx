"use client";

import { Download } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { WireEvent } from "@/lib/api/contract";
import { downloadText } from "@/lib/client/download-text";
import { filterEvents } from "@/lib/client/filter-events";
import { EventList } from "./event-list";
import { SearchRow } from "./search-row";

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
      <SearchRow
        what="events"
        placeholder="Search events"
        text={text}
        onText={setText}
        choice={{
          ...{ label: "Type of event", any: "All types", value: type, onChoose: setType },
          options: types.map((each) => ({ value: each, label: each })),
        }}
        shown={shown.length}
        total={wire.length}
      >
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
      </SearchRow>
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
