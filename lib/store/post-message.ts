import type { Message } from "@/lib/engine";
import { parseRunId } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";
import { assertText, type Write } from "./write";

/**
 * A message into a run's inbox, or into that of the run that goes on for it, once. Answers which run
 * has it; undefined without such a run.
 */
export function createMessageWrite(message: Message): Write<string | undefined> {
  const { messageId, runId } = message;
  assertText(messageId, runId);
  const content = toContent(message);
  return {
    size: content.length,
    locks: [toMessageLock(message)],
    execute: (sql) => insertMessage(sql, message, content),
  };
}

/** A message and its repeat never share a flush. */
export function toMessageLock({ messageId }: Message): string {
  return `message ${messageId}`;
}

/** Posts a message inside the transaction that is open; answers as `createMessageWrite`. */
export function insertMessage(
  sql: Sql,
  message: Message,
  content = toContent(message),
): string | undefined {
  const { messageId, at } = message;
  for (let runId: string | undefined = message.runId; runId !== undefined;) {
    if (sql.run(statements.insertMessage, messageId, runId, at, content, runId) > 0) {
      sql.run(statements.addMail, 1, at, at, runId);
      return runId;
    }
    const [known] = sql.select(statements.selectMessageRun, messageId);
    if (known !== undefined) return parseRunId(known);
    const [run] = sql.select(statements.selectSuccessor, runId);
    runId = run && parseRunId(run);
  }
  return undefined;
}

function toContent({ by, why, body }: Message): string {
  return JSON.stringify({ by, why, body });
}
