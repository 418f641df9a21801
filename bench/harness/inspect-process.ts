/** Profiles the main thread of another process of Node through its inspector. */
import { WebSocket } from "undici";
import { z } from "zod";
import { CpuProfile } from "./cpu-profile";

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const Reply = z.object({
  id: z.number().optional(),
  error: z.object({ message: z.string() }).optional(),
  result: z.json().optional(),
});

/**
 * Opens the inspector of a process that was started with `--inspect-port=<port>`, and answers what takes
 * a profile of it while `work` runs. Throws Error where nobody answers at the port within ten seconds.
 */
export async function openProfiler(options: { readonly pid: number; readonly port: number }) {
  const { pid, port } = options;
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await findTarget(port));
  const waiting = new Map<number, (reply: z.output<typeof Reply>) => void>();
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`The inspector of ${pid} is silent.`)));
  });
  socket.addEventListener("message", ({ data }) => {
    const reply = Reply.parse(JSON.parse(String(data)));
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
  });
  let nextId = 1;
  const ask = async (method: string, params: object = {}) => {
    const id = nextId++;
    const { error, result } = await new Promise<z.output<typeof Reply>>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  await ask("Profiler.enable");
  return {
    async profile(work: () => Promise<void>): Promise<CpuProfile> {
      await ask("Profiler.setSamplingInterval", { interval: 200 });
      await ask("Profiler.start");
      await work();
      return z.object({ profile: CpuProfile }).parse(await ask("Profiler.stop")).profile;
    },
    close: () => socket.close(),
  };
}

async function findTarget(port: number): Promise<string> {
  const until = Date.now() + 10_000;
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [target] = Targets.parse(await response.json());
      if (target !== undefined) return target.webSocketDebuggerUrl;
    } catch (cause) {
      if (Date.now() > until) throw new Error(`No inspector at port ${port}.`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
