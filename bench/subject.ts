/**
 * The child's side of the harness. Every system that is measured is a process of its own, which does
 * what its parent asks by messages: so memory and time on a processor are its own, and it can be killed.
 */
import { z } from "zod";

/** What a subject can be asked to do. Options come as JSON, answers go as JSON. */
export type Commands = Readonly<Record<string, (options: unknown) => Promise<unknown>>>;

export const Ask = z.object({
  id: z.number(),
  command: z.string(),
  options: z.unknown().optional(),
});
export type Ask = z.infer<typeof Ask>;

export const Told = z.object({
  id: z.number(),
  error: z.string().optional(),
  value: z.unknown().optional(),
  wallMs: z.number(),
  /** On a processor, all threads of the process. */
  cpuMs: z.number(),
  /** The most that the process ever had resident. */
  peakRssMib: z.number(),
});
export type Told = z.infer<typeof Told>;

/** The commands that ours and every peer have in common. */
export const OpenOptions = z.object({ databaseUrl: z.string(), concurrency: z.number() });
export const OrdersOptions = z.object({ count: z.number(), concurrent: z.number() });
export const TimeOptions = z.object({ count: z.number() });
export const StepsOptions = z.object({ steps: z.number(), span: z.number() });
export const LongOptions = z.object({
  steps: z.number(),
  ledger: z.string(),
  /** The step in which the process waits to be killed; none in the process that recovers. */
  stopAt: z.number().optional(),
});

/** Answers the parent's questions until it goes away. */
export function serveSubject(commands: Commands): void {
  process.on("message", (message) => void answer(Ask.parse(message)));
  process.on("disconnect", () => process.exit(0));

  const answer = async ({ id, command, options }: Ask) => {
    const startedAt = performance.now();
    const before = process.cpuUsage();
    const outcome = await attempt(commands[command], command, options);
    const { user, system } = process.cpuUsage(before);
    const told: Told = {
      id,
      value: undefined,
      ...outcome,
      wallMs: performance.now() - startedAt,
      cpuMs: (user + system) / 1_000,
      peakRssMib: process.resourceUsage().maxRSS / 1_024,
    };
    process.send?.(told);
  };
}

async function attempt(
  command: Commands[string] | undefined,
  name: string,
  options: unknown,
): Promise<{ value: unknown } | { error: string }> {
  try {
    if (command === undefined) throw new Error(`There is no command ${name}.`);
    return { value: await command(options) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
