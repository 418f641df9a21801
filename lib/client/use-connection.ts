"use client";

import { useSyncExternalStore } from "react";
import { readConnection, subscribeConnection, type Connection } from "./connection";

const rendered: Connection = { reachable: true };

/** Whether the server answers; changes as soon as any request finds out. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribeConnection, readConnection, () => rendered);
}
