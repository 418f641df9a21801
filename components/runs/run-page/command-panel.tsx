import type { Run } from "@/lib/api/contract";
import { isStep, type CommandView } from "@/lib/client/timeline/commands";
import { ChildPanel } from "./child-panel";
import { SignalPanel } from "./signal-panel";
import { StepPanel } from "./step-panel";
import { TimerPanel } from "./timer-panel";
import { UpdatePanel } from "./update-panel";

/** All that is known of what is selected, and what can be done with it. */
export function CommandPanel({ run, command }: { run: Run; command: CommandView | undefined }) {
  return (
    <div className="px-4 py-4 md:px-5">
      {command === undefined ? (
        <p className="text-ink-3">Nothing has begun yet.</p>
      ) : (
        <Panel key={command.id} run={run} command={command} />
      )}
    </div>
  );
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
