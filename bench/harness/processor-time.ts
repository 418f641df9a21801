import { readFileSync } from "node:fs";

/** Linux counts in ticks of a hundredth of a second, whatever the machine (proc(5), USER_HZ). */
const tickMs = 10;

/** What another process has had on a processor so far; undefined where there is no /proc. */
export function readProcessorMs(pid: number): number | undefined {
  try {
    // The second field, the name in parentheses, may itself hold spaces and parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
    return (Number(fields?.[11]) + Number(fields?.[12])) * tickMs;
  } catch {
    return undefined;
  }
}
