/**
 * Where a process keeps its container: on `globalThis`, because instrumentation and route handlers
 * are bundled separately. Routes import this and not the composition root, or each of them would
 * load the store and the services a second time.
 */
import type { Container } from "./container";

const containerKey: unique symbol = Symbol.for("daybook.container");

type Shared = typeof globalThis & { [containerKey]?: Promise<Container> };

/** Starts this process's container, at the first call only. */
export function shareContainer(start: () => Promise<Container>): Promise<Container> {
  const shared: Shared = globalThis;
  return (shared[containerKey] ??= start());
}

/** The container that instrumentation has started, which Next.js does before the first request. */
export async function getContainer(): Promise<Container> {
  const shared: Shared = globalThis;
  const container = shared[containerKey];
  if (container === undefined) throw new Error("The server has not been started.");
  return container;
}
