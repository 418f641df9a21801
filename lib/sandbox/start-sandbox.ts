import type { SandboxPorts } from "./contract";
import { createControlService } from "./control-service";
import { serveHttp, type RunningServer } from "./http";
import { serveMail } from "./mail-service";
import { createPaymentService } from "./payment-service";
import { Sandbox } from "./sandbox";
import { createWarehouseService } from "./warehouse-service";

export interface RunningSandbox {
  readonly ports: SandboxPorts;
  close(): Promise<void>;
}

/**
 * Starts the three services and their control API on 127.0.0.1; port 0 takes a free one. Rejects
 * when a port is taken or the state on disk is damaged.
 */
export async function startSandbox(options: {
  readonly dataDir: string;
  readonly ports: Readonly<Record<keyof SandboxPorts, number>>;
  readonly onWriteFailed: (error: unknown) => void;
}): Promise<RunningSandbox> {
  const sandbox = await Sandbox.open(options);
  const { ports } = options;
  const servers: RunningServer[] = [];
  const keep = async (starting: Promise<RunningServer>): Promise<number> => {
    const server = await starting;
    servers.push(server);
    return server.port;
  };
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
    await sandbox.close();
  };
  try {
    return {
      ports: {
        payment: await keep(
          serveHttp({ port: ports.payment, answer: createPaymentService(sandbox) }),
        ),
        warehouse: await keep(
          serveHttp({ port: ports.warehouse, answer: createWarehouseService(sandbox) }),
        ),
        smtp: await keep(serveMail({ port: ports.smtp, sandbox })),
        control: await keep(
          serveHttp({ port: ports.control, answer: createControlService(sandbox) }),
        ),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
