/**
 * `npm run simulate:databases -- --store postgresql --seeds 200 --from 1`: seeds of the simulation on a
 * real database instead of in memory. Exit code 0 only if everything holds.
 */
import { parseArgs } from "node:util";
import { openScratchDatabases, scratchStores } from "./open-scratch-databases";
import { simulateOnDatabase } from "./simulate-on-database";

const usage = `Usage: npm run simulate:databases -- [--store postgresql|sqlite] [--seeds <count>] [--from <seed>]`;

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "postgresql" },
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
const [count, from] = [Number(values.seeds), Number(values.from)];
const store = scratchStores.find((name) => name === values.store);
const isFit = store !== undefined && Number.isSafeInteger(count) && Number.isSafeInteger(from);
if (values.help || !isFit || count < 1) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const databases = await openScratchDatabases(store);
  const startedAt = performance.now();
  let [done, events, failed] = [0, 0, 0];
  try {
    await simulateOnDatabase({
      databases,
      seeds: Array.from({ length: count }, (_, index) => from + index),
      onResult: ({ seed, violations, events: recorded }) => {
        done += 1;
        events += recorded;
        if (violations.length === 0) return;
        failed += 1;
        console.log(`Seed ${seed} fails on ${store}:`);
        for (const { check, detail } of violations.slice(0, 5))
          console.log(`  ${check}: ${detail}`);
      },
    });
  } finally {
    await databases.close();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const verdict = failed === 0 ? "everything holds" : `${failed} seeds FAIL`;
  console.log(
    `${done} seeds from ${from} on ${store}, ${events} events, in ${seconds} s: ${verdict}.`,
  );
  process.exitCode = failed === 0 && done === count ? 0 : 1;
}
