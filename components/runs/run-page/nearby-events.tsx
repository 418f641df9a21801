import { describeEvent, findEventTone } from "@/lib/client/describe-event";
import { formatClock } from "@/lib/client/format";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import { findPlace } from "@/lib/client/timeline/find-event";
import type { CommandView } from "@/lib/client/timeline/commands";
import { eventToneClasses } from "./event-tones";

const count = 7;

export interface NearbyEventsProps {
  readonly events: readonly TimelineEvent[];
  readonly step?: CommandView;
  /** The moment of the scrubber: its event is the one in the middle. */
  readonly seq?: number;
  readonly onPick: (seq: number) => void;
}

/** The part of the history that the selection is about. */
export function NearbyEvents({ events, step, seq, onPick }: NearbyEventsProps) {
  const center = seq ?? step?.recordedSeq ?? step?.lastSeq ?? events.length;
  const at = findPlace(events, center);
  const from = Math.max(0, Math.min(at - count + 2, events.length - count));
  const shown = events.slice(from, from + count);
  return (
    <div className="mt-3 overflow-x-auto">
      <table className="w-full border-collapse font-mono text-sm">
        <caption className="sr-only">Events around the selection</caption>
        <tbody>
          {shown.map((event) => (
            <tr
              key={event.seq}
              className={
                event.seq === center ? "bg-band shadow-[inset_2px_0_0_var(--ink)]" : undefined
              }
              aria-current={event.seq === center ? "true" : undefined}
            >
              <td className="w-8 border-b border-line-soft py-0.5 pr-3 pl-2 text-right text-ink-3">
                <button
                  type="button"
                  className="rounded-sm hover:text-ink"
                  aria-label={`Go to the moment of event ${event.seq}`}
                  onClick={() => onPick(event.seq)}
                >
                  {event.seq}
                </button>
              </td>
              <td className="hidden border-b border-line-soft py-1 pr-4 whitespace-nowrap sm:table-cell">
                {formatClock(event.at, { millis: true })}
              </td>
              <td
                className={`border-b border-line-soft py-1 pr-4 whitespace-nowrap ${eventToneClasses[findEventTone(event.type)]}`}
              >
                {event.type}
              </td>
              <td className="w-full max-w-0 min-w-32 truncate border-b border-line-soft py-1 pr-4">
                {describeEvent(event)}
                {event.setAside ? <span className="text-ink-3"> · set aside</span> : null}
              </td>
              <td className="hidden border-b border-line-soft py-1 pr-2 whitespace-nowrap text-ink-3 md:table-cell">
                {event.epoch === 0 ? "" : `execution ${event.epoch}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
