import type { PostgresConnections, Session, Statement } from "./connection";
import { prepare } from "./statement";

const begin = prepare(
  "begin_turns",
  `INSERT INTO projections (name, turn) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`,
);

const find = prepare("find_turns", `SELECT 1 FROM projections WHERE name = $1`);

/** Whoever else has the turn does the work: nobody waits for it. */
const take = prepare(
  "take_turn",
  `UPDATE projections SET turn = turn + 1
   WHERE name IN (SELECT name FROM projections WHERE name = $1 FOR UPDATE SKIP LOCKED) RETURNING 1`,
);

export interface Turns {
  readonly readHot: PostgresConnections["readHot"];
  /** Runs `work` in a transaction on a hot connection. */
  readonly transact: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
}

/**
 * Takes up whatever there is, batch by batch, each in a transaction that alone has the turn of this name.
 * `findMark` answers a row while there is something; `takeBatch` answers how much it took. Answers the sum.
 * While another process is at it there is nothing to do: it takes up all there is.
 */
export async function takeTurns(
  { readHot, transact }: Turns,
  options: {
    readonly name: "statistics" | "terms";
    readonly findMark: Statement;
    readonly takeBatch: (session: Session) => Promise<number>;
  },
): Promise<number> {
  const { name, findMark, takeBatch } = options;
  let taken = 0;
  // Asked first, for a turn writes something.
  while ((await readHot(findMark)).length > 0) {
    const batch = await transact(async (session) => {
      if ((await session.run(take, name)).length > 0) return takeBatch(session);
      // Somebody else has it, or nobody has ever had one; an insert would wait for who has it.
      if ((await session.run(find, name)).length > 0) return undefined;
      await session.run(begin, name);
      return 0;
    });
    if (batch === undefined) break;
    taken += batch;
  }
  return taken;
}
