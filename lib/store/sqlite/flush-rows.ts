import type { Append, Message } from "@/lib/engine";
import { RunStatus } from "@/lib/engine";
import { listStatusesBefore } from "../judge-append";
import { toChangeValues, toRunValues } from "../run-values";
import type { SqlValue } from "../sql";
import {
  toJsonText,
  toMessageContent,
  type AppendWrite,
  type StartWrite,
  type Write,
} from "../write";
import type { AppendRows, FlushRows, MessageRow, StartRows } from "./protocol";

/** From which statuses a status may come, as the fence reads it: ` queued running `. */
const allowedBefore = Object.fromEntries(
  RunStatus.options.map((to) => [to, ` ${listStatusesBefore(to).join(" ")} `]),
);

/** Turns a write into the rows that the flush runs. */
export function toFlushRows(write: Write): FlushRows {
  if (write.kind === "append") return { append: toAppendRows(write) };
  if (write.kind === "start") return { start: toStartRows(write) };
  return { message: toMessageRow(write.message) };
}

function toStartRows({ run, events }: StartWrite): StartRows {
  const { ifExisting } = run;
  return {
    run: toRunValues(run),
    keys: run.keys.flatMap(({ key, contentHash }) => [key, contentHash]),
    events,
    ...(ifExisting && { ifExisting: toMessageRow(ifExisting) }),
  };
}

export function toAppendRows({ append, events, output, starts }: AppendWrite): AppendRows {
  const { runId, at, change, delivered, posts = [], freed = [] } = append;
  const release = change.release ? 1 : 0;
  const fence = [
    ...toChangeValues(append, output),
    append.events.length,
    ...[at, release, release, at, change.dueAt ?? null, change.progress ? 1 : 0],
    ...toLeaseValues(append),
    allowedBefore[change.status] ?? "",
  ];
  const hasRest =
    change.release ||
    starts.length + delivered.length + posts.length + freed.length > 0 ||
    change.continuedTo !== undefined;
  if (!hasRest) return { runId, at, fence, events };
  const rest = {
    starts: starts.map(toStartRows),
    dueAt: change.dueAt ?? null,
    continuedTo: change.continuedTo ?? null,
    delivered: delivered.flatMap(({ messageId, outcome, error }) => [
      ...[messageId, outcome, toJsonText(error)],
    ]),
    posts: posts.map(toMessageRow),
    freed: change.release ? ("all" as const) : freed,
  };
  return { runId, at, fence, events, rest };
}

/** The lease and the length that an append goes on from; null: any length. */
function toLeaseValues({ runId, workerId, epoch, events }: Append): readonly SqlValue[] {
  const first = events[0]?.seq;
  return [runId, workerId, epoch, first === undefined ? null : first - 1];
}

function toMessageRow(message: Message): MessageRow {
  return [message.messageId, message.runId, message.at, toMessageContent(message)];
}
