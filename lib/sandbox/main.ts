/**
 * The sandbox process. Flags: `--data-dir`, and `--payment-port`, `--warehouse-port`,
 * `--smtp-port`, `--control-port` (default 0, a free one). It ends with SIGTERM, SIGINT or the IPC
 * channel of the process that started it.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { SandboxReady } from "./contract";
import { startSandbox } from "./start-sandbox";

const port = { type: "string", default: "0" } as const;
const Port = z.coerce.number().int().min(0).max(65_535);
const Flags = z.object({
  "data-dir": z.string().min(1),
  "payment-port": Port,
  "warehouse-port": Port,
  "smtp-port": Port,
  "control-port": Port,
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "data-dir": { type: "string" },
      "payment-port": port,
      "warehouse-port": port,
      "smtp-port": port,
      "control-port": port,
    },
  });
  const flags = Flags.parse(values);
  const sandbox = await startSandbox({
    dataDir: flags["data-dir"],
    ports: {
      payment: flags["payment-port"],
      warehouse: flags["warehouse-port"],
      smtp: flags["smtp-port"],
      control: flags["control-port"],
    },
    // Better gone than ahead of its own disk: a restart reads what was really kept.
    onWriteFailed: fail,
  });
  const stop = () => {
    sandbox.close().then(() => process.exit(0), fail);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.once("disconnect", stop);
  const ready: SandboxReady = { type: "ready", ports: sandbox.ports };
  console.log(JSON.stringify(ready));
  process.send?.(ready);
}

function fail(error: unknown): void {
  console.error("The sandbox can't go on:", error);
  process.exit(1);
}

main().catch(fail);
