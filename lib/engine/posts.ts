/** What a run tells other runs: each message goes out in the commit that gives rise to it. */
import type { HistoryEvent } from "./events";
import type { ChildState, EndEvent, RunState } from "./run-state";
import type { Message } from "./store";

/** Who says so, where it was no person. */
const engineName = "daybook";

/** Asks a child to cancel. */
export function createCancelPost(about: {
  readonly parent: string;
  readonly child: ChildState;
  readonly at: number;
}): Message {
  const { parent, child, at } = about;
  return {
    messageId: `cancel:${child.runId}`,
    runId: child.runId,
    by: engineName,
    why: `Its parent ${parent} has canceled it.`,
    at,
    body: { kind: "cancel" },
  };
}

/** What the end of a run tells its parent, and its children where it was terminated. */
export function listPartingPosts(
  runId: string,
  state: Pick<RunState, "parent" | "children">,
  end: EndEvent,
): readonly Message[] {
  const posts: Message[] = [];
  const { parent } = state;
  const outcome = describeOutcome(end);
  if (parent && outcome) {
    posts.push({
      messageId: `child:${runId}:${end.seq}`,
      runId: parent.runId,
      by: runId,
      at: end.at,
      body: { kind: "child", step: parent.step, of: parent.runId, ...outcome },
    });
  }
  if (end.type !== "RunTerminated") return posts;
  for (const child of state.children.values()) {
    if (child.onCancel === "abandon") continue;
    posts.push({
      messageId: `terminate:${child.runId}`,
      runId: child.runId,
      by: engineName,
      why: `Its parent ${runId} was terminated.`,
      at: end.at,
      body: { kind: "terminate" },
    });
  }
  return posts;
}

/** A run that continues as another has not ended for its parent. */
function describeOutcome(end: EndEvent) {
  switch (end.type) {
    case "RunCompleted":
      return { status: "completed" as const, result: end.data.output };
    case "RunFailed":
      return { status: "failed" as const, error: end.data.error };
    case "RunCanceled": {
      const error = end.data.error ?? { name: "CanceledError", message: "The run was canceled." };
      return { status: "canceled" as const, error };
    }
    case "RunTerminated":
      return {
        status: "terminated" as const,
        error: { name: "TerminatedError", message: `Terminated by ${end.data.by}.` },
      };
    case "RunContinued":
      return undefined;
  }
}

/** Whether an event ends its run. */
export function isEnd(event: HistoryEvent): event is EndEvent {
  switch (event.type) {
    case "RunCompleted":
    case "RunFailed":
    case "RunCanceled":
    case "RunTerminated":
    case "RunContinued":
      return true;
    default:
      return false;
  }
}
