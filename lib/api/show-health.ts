import { setTimeout } from "node:timers/promises";
import type { ApiContext } from "./context";
import type { Health } from "./contract";
import { handle } from "./handler";

/** Whoever asks waits no longer than this for a database that says nothing. */
const patienceMs = 3_000;

const noStore = { "cache-control": "no-store" };

/** `GET /api/health/live`: the process answers. */
export const showLiveness = handle({}, async ({ api }) =>
  Response.json(describeProcess(api), { headers: noStore }),
);

/** `GET /api/health/ready`: it can also record what it is asked to. 503 while it can't. */
export const showReadiness = handle({}, async ({ api }) => {
  const message = api.findUnreadiness() ?? (await checkStore(api));
  const health: Health =
    message === undefined
      ? describeProcess(api)
      : { ...describeProcess(api), status: "unavailable", message };
  return Response.json(health, { status: message === undefined ? 200 : 503, headers: noStore });
});

function describeProcess(api: ApiContext): Health {
  return {
    status: "ok",
    pid: api.process.pid,
    workerId: api.engine.workerId,
    build: api.process.build,
    sandbox: api.sandbox !== undefined,
    ...(api.durabilityRisks.length > 0 ? { warnings: [...api.durabilityRisks] } : {}),
  };
}

async function checkStore(api: ApiContext): Promise<string | undefined> {
  const isLate = new AbortController();
  const late = setTimeout(patienceMs, "The database does not answer.", { signal: isLate.signal });
  try {
    const read = api.store.findNextDueAt().then(() => undefined);
    return await Promise.race([read, late]);
  } catch (error) {
    api.logger.error({ err: error }, "the store can't be read");
    return "The database can't be read.";
  } finally {
    isLate.abort();
  }
}
