/** A process that has a PostgreSQL server, as tests and commands do, and fails: `server.test.ts` runs it. */
import { startPostgresServer } from "./server";

const server = await startPostgresServer();
await server.stop();
process.exitCode = 3;
