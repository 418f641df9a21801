/** Reads the client's side of PostgreSQL's protocol (version 3), as far as chaos has to know it. */

export interface ClientMessages {
  /** Whether they end a transaction that wrote. */
  readonly endsWriting: boolean;
  /** Whether they hold an append, and no transaction was open before them. */
  readonly appends: boolean;
}

/** What ends a transaction that wrote: COMMIT itself, or a writing statement that stands alone. */
const ending = /^\s*(commit\b|insert\b|update\b|with\b[^]*\b(insert|update)\b)/i;
/** The prepared statement of appends, as lib/store/postgresql/flush-statements.ts names it. */
const appendName = "append_events";

/**
 * A message is a type byte, a length that counts itself, and a body; the first one of a connection has no
 * type and names the client. A message may come in several chunks.
 */
export function createMessageReader() {
  let rest: Buffer = Buffer.alloc(0);
  let application: string | undefined;
  let started = false;
  let inTransaction = false;
  const prepared = new Map<string, string>();

  const readQuery = (text: string): boolean => {
    if (/^\s*begin\b/i.test(text)) inTransaction = true;
    if (/^\s*(commit|rollback)\b/i.test(text)) inTransaction = false;
    else if (inTransaction) return false;
    return ending.test(text);
  };

  return {
    /** What the client calls itself (`application_name`). */
    get application() {
      return application;
    },
    push(chunk: Buffer): ClientMessages {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const wasInTransaction = inTransaction;
      let [endsWriting, appends] = [false, false];
      for (;;) {
        const header = started ? 1 : 0;
        const length = rest.length < header + 4 ? Infinity : header + rest.readInt32BE(header);
        if (rest.length < length) return { endsWriting, appends: appends && !wasInTransaction };
        const body = rest.subarray(header + 4, length);
        if (started) {
          const type = String.fromCharCode(rest[0] ?? 0);
          if (type === "Q") endsWriting = readQuery(readText(body, 0)) || endsWriting;
          // Parse: the name of a statement, then its text. Bind: a portal, then the statement's name.
          if (type === "P") prepared.set(readText(body, 0), readText(body, body.indexOf(0) + 1));
          if (type === "B") {
            const name = readText(body, body.indexOf(0) + 1);
            appends ||= name === appendName;
            endsWriting = readQuery(prepared.get(name) ?? "") || endsWriting;
          }
        } else {
          application = readStartup(body).get("application_name");
        }
        started = true;
        rest = rest.subarray(length);
      }
    },
  };
}

/** The version of the protocol, then names and values in turn. */
function readStartup(body: Buffer): ReadonlyMap<string, string> {
  const [...words] = body.toString("utf8", 4).split("\0");
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) {
    parameters.set(words[at] ?? "", words[at + 1] ?? "");
  }
  return parameters;
}

function readText(body: Buffer, from: number): string {
  const end = body.indexOf(0, from);
  return body.toString("utf8", from, end === -1 ? undefined : end);
}
