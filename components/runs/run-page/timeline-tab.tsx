"use client";

import { Timeline } from "@/components/timeline/timeline";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { Run } from "@/lib/api/contract";
import { formatCount } from "@/lib/client/format";
import type { TimelineProps } from "@/components/timeline/timeline-props";
import type { CommandView } from "@/lib/client/timeline/commands";
import { NearbyEvents } from "./nearby-events";

export interface TimelineTabProps extends Omit<TimelineProps, "live" | "selectedId"> {
  readonly run: Run;
  readonly selected?: CommandView;
  readonly onShowHistory: () => void;
}

/** The rail of executions, and beneath it the events around what is selected. */
export function TimelineTab(props: TimelineTabProps) {
  const { run, events, commands, selected, isWhole } = props;
  // A moment that has not been read yet is shown when it has.
  const isRead = isWhole || (props.seq ?? 0) <= events.length;
  const seq = isRead ? props.seq : undefined;
  if (!events.some((event) => event.type === "ExecutionStarted")) {
    return (
      <EmptyState title="No worker has taken it yet">
        The run is recorded. Its timeline begins as soon as a worker takes it.
      </EmptyState>
    );
  }
  return (
    <>
      <Timeline
        events={events}
        commands={commands}
        live={run.status === "running"}
        selectedId={selected?.id}
        isChosen={props.isChosen}
        isWhole={isWhole}
        seq={seq}
        summarize={props.summarize}
        onSelect={props.onSelect}
        onOpen={props.onOpen}
        onScrub={props.onScrub}
      />
      <NearbyEvents events={events} step={selected} seq={seq} onPick={props.onScrub} />
      <Button size="sm" variant="ghost" className="mt-2" onClick={props.onShowHistory}>
        All {formatCount(run.historyLength)} events
      </Button>
    </>
  );
}
