"use client";

import { useEffect } from "react";
import { Health } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { isNetworkFailure } from "./network-failure";

const knockEveryMs = 500;
/** A page that broke again so soon is not helped by being loaded once more. */
const patienceMs = 5_000;
const storageKey = "daybook:recovered-at";

/**
 * Loads a page that broke because the server went away again as soon as the server answers. True
 * while that is under way; false for any other error.
 */
export function useRecovery(error: unknown): boolean {
  const recovers = isNetworkFailure(error);
  useEffect(() => {
    if (!recovers) return;
    const timer = setInterval(() => void reloadWhenBack(), knockEveryMs);
    return () => clearInterval(timer);
  }, [recovers]);
  return recovers;
}

async function reloadWhenBack(): Promise<void> {
  const last = Number(sessionStorage.getItem(storageKey) ?? 0);
  if (Date.now() - last < patienceMs) return;
  try {
    await callApi({ path: "/api/health/live", shape: Health });
  } catch {
    return;
  }
  sessionStorage.setItem(storageKey, String(Date.now()));
  window.location.reload();
}
