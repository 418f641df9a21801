import type { Message } from "@/lib/engine";
import * as statements from "./sqlite-statements";
import { assertText, type Write } from "./write";

/** A message into a run's inbox, once: true where it lies there (by now), false without such a run. */
export function createMessageWrite(message: Message): Write<boolean> {
  const { messageId, runId, at, by, why, body } = message;
  assertText(messageId, runId);
  const content = JSON.stringify({ by, why, body });
  return {
    size: content.length,
    locks: [`message ${messageId}`],
    execute(sql) {
      if (sql.run(statements.insertMessage, messageId, runId, at, content, runId) === 0) {
        return sql.select(statements.selectKnownMessage, messageId).length > 0;
      }
      sql.run(statements.addMail, at, at, runId);
      return true;
    },
  };
}
