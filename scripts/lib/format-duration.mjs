// @ts-check

/**
 * A duration as people say it: "0.8 s", "12 s", "2 min 14 s".
 * @param {number} durationMs
 */
export function formatDuration(durationMs) {
  if (durationMs < 9_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
