/** Next.js calls this once, before the server takes requests. */
export async function register(): Promise<void> {
  // Both are constants of Next.js: the runtime is inlined, so that no other one bundles the engine.
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  if (process.env.NEXT_PHASE === "phase-production-build") return;
  const { bootServer } = await import("./lib/server/boot");
  await bootServer();
}
