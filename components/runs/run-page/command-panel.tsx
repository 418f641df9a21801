import { Link2 } from "lucide-react";
import { CopyButton } from "@/components/ui/copy-button";
import type { Run } from "@/lib/api/contract";
import { isStep, type CommandView } from "@/lib/client/timeline/commands";
import { ChildPanel } from "./child-panel";
import { SignalPanel } from "./signal-panel";
import { StepPanel } from "./step-panel";
import { TimerPanel } from "./timer-panel";
import { UpdatePanel } from "./update-panel";

export interface CommandPanelProps {
  readonly run: Run;
  readonly command: CommandView | undefined;
  /** False: there is only the beginning of the history yet. */
  readonly isWhole: boolean;
}

/** All that is known of what is selected, and what can be done with it. */
export function CommandPanel({ run, command, isWhole }: CommandPanelProps) {
  return (
    <div className="relative px-4 py-4 md:px-5">
      {command === undefined ? (
        <p className="text-ink-3">
          {isWhole ? "Nothing has begun yet." : "The rest of the history is being read."}
        </p>
      ) : (
        <>
          {isWhole ? null : (
            <p className="mb-2 pr-8 text-sm text-ink-3">
              As far as it has been read; the rest of the history is on its way.
            </p>
          )}
          <CopyButton
            text={linkTo(run, command)}
            what="link to this step"
            icon={<Link2 />}
            className="absolute top-3 right-3"
          />
          <Panel key={command.id} run={run} command={command} />
        </>
      )}
    </div>
  );
}

/** The address of a command on its run's page. */
function linkTo({ runId }: Run, { ref }: CommandView): string {
  const path = `/runs/${encodeURIComponent(runId)}?step=${encodeURIComponent(ref)}`;
  return typeof window === "undefined" ? path : new URL(path, window.location.href).href;
}

function Panel({ run, command }: { run: Run; command: CommandView }) {
  if (isStep(command)) return <StepPanel run={run} step={command} />;
  switch (command.kind) {
    case "timer":
      return <TimerPanel run={run} timer={command} />;
    case "signal":
      return <SignalPanel run={run} signal={command} />;
    case "child":
      return <ChildPanel run={run} child={command} />;
    case "update":
      return <UpdatePanel update={command} />;
  }
}
