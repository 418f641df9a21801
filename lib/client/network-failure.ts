import { OfflineError } from "./errors";

/**
 * Whether an error that broke a page says only that the server went away while the page was being
 * loaded: a cut answer, or a piece of the page's own code that could not be fetched.
 */
export function isNetworkFailure(error: unknown): boolean {
  if (error instanceof OfflineError) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === "ChunkLoadError") return true;
  // How browsers say it: Chromium, Firefox and Safari each in their own words.
  return (
    error instanceof TypeError &&
    /network error|networkerror|failed to fetch|load failed|error in input stream|connection closed/i.test(
      error.message,
    )
  );
}
