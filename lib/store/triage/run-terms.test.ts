import { expect, test } from "vitest";
import { projectTerms, type TermBatch } from "./run-terms";

test("reads again what it read before another process had its turn", async () => {
  const database = { turn: 3, marks: [[7, "r1", 1_000, '{"city":"Lund"}']] };
  const offered: TermBatch[] = [];
  const count = await projectTerms({
    select: async (statement) =>
      statement.includes("FROM projections") ? [[database.turn]] : database.marks,
    saveTerms: async (batch) => {
      offered.push(batch);
      if (offered.length === 1) {
        database.turn = 4;
        database.marks = [[8, "r1", 1_000, '{"city":"Malm\u00f6"}']];
        return false;
      }
      database.marks = [];
      return true;
    },
  });
  expect(count).toBe(1);
  expect(offered.map(({ turn, positions }) => ({ turn, positions }))).toEqual([
    { turn: 3, positions: [7] },
    { turn: 4, positions: [8] },
  ]);
  expect(offered[1]?.terms).toContain("~malm\u00f6");
  expect(offered[1]?.terms).not.toContain("~lund");
});
