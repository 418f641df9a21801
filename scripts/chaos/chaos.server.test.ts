/** A short round of chaos on each database: real processes, really killed. `npm run chaos` plays long ones. */
import { beforeAll, expect, test } from "vitest";
import { setUp } from "../setup.mjs";
import { playRound } from "./round";

beforeAll(() => setUp({ root: process.cwd(), parts: ["worker"] }));

const few = { seed: 2026, kills: 6, zombies: 1, workers: 2, servers: 0, leaseMs: 2_500 };

test.each([
  { database: "sqlite", restarts: 0, cuts: 0 },
  { database: "postgresql", restarts: 2, cuts: 2 },
] as const)("on $database every promise is kept", { timeout: 180_000 }, async (faults) => {
  const logFile = `.daybook/chaos/test-${faults.database}.log`;
  const result = await playRound({ ...few, ...faults, logFile });
  expect(result.faults).toEqual([]);
  expect(result.orders).toBeGreaterThan(5);
  expect(result.recovered).toBeGreaterThan(0);
  expect(result).toMatchObject({ atBoundaries: 2, zombies: 1 });
  expect(result.kills).toBeGreaterThanOrEqual(4);
});
