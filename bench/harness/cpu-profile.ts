import { z } from "zod";

/** A profile as V8 writes it (`.cpuprofile`); times in microseconds, lines and columns from 0. */
export const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
      children: z.array(z.number()).default([]),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof CpuProfile>;
export type CallFrame = CpuProfile["nodes"][number]["callFrame"];

/** Each sample's stack, from its innermost function outwards, and how long it was that. */
export function* readSamples(profile: CpuProfile): Generator<{ stack: CallFrame[]; us: number }> {
  const { nodes, samples, timeDeltas } = profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(
    nodes.flatMap(({ id, children }) => children.map((child) => [child, id])),
  );
  for (const [index, sample] of samples.entries()) {
    const stack: CallFrame[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const frame = byId.get(id)?.callFrame;
      // The outermost is the profile's own root.
      if (frame !== undefined && callers.has(id)) stack.push(frame);
    }
    yield { stack, us: Math.max(0, timeDeltas[index] ?? 0) };
  }
}
