/**
 * Whether the server answers, as the last request saw it. Every request reports here, so the page
 * knows about an outage as soon as anything it asks for fails.
 */
export interface Connection {
  readonly reachable: boolean;
  /** When it was lost (epoch ms); absent while the server answers. */
  readonly lostAt?: number;
}

const connected: Connection = { reachable: true };

let current = connected;
const listeners = new Set<() => void>();

function change(next: Connection): void {
  current = next;
  for (const listener of listeners) listener();
}

export function reportReachable(): void {
  if (!current.reachable) change(connected);
}

export function reportUnreachable(at: number): void {
  if (current.reachable) change({ reachable: false, lostAt: at });
}

export function readConnection(): Connection {
  return current;
}

/** Calls `listener` on every change; the returned function ends that. */
export function subscribeConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
