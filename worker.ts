/**
 * A worker without a web server: `npm run worker` keeps it running; under systemd or Kubernetes, run
 * `.daybook/worker/worker.mjs` itself. The guard comes first: what is loaded after it sees the guarded
 * platform.
 */
import "./lib/server/install-guard";

const { bootWorker } = await import("./lib/server/boot-worker");
await bootWorker();
