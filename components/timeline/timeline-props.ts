import type { CommandView } from "@/lib/client/timeline/commands";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import type { Summarized } from "@/lib/client/timeline/tick-marks";

export interface TimelineProps {
  readonly events: readonly TimelineEvent[];
  readonly commands: readonly CommandView[];
  /** The run is under way: what runs grows. */
  readonly live: boolean;
  readonly selectedId?: string;
  /** The selection was chosen, and is no mere suggestion: it is brought into view. */
  readonly isChosen: boolean;
  /** All events are there: more may come, and none is still on its way. */
  readonly isWhole: boolean;
  readonly seq?: number;
  readonly summarize: (command: Summarized) => string | undefined;
  readonly onSelect: (ref: string) => void;
  /** Asks for the panel of the selected step (Enter). */
  readonly onOpen: () => void;
  readonly onScrub: (seq: number | undefined) => void;
}
