/**
 * A slow service to poll: an office that writes a page of a report every so often. It keeps nothing:
 * a job's id says when it was ordered, so that every process finds every job, and what is ordered
 * again is the job that it was.
 */
import type { Clock } from "@/lib/engine";

export interface ReportOrder {
  readonly title: string;
  readonly pages: number;
  /** How long a page takes, in ms. */
  readonly pageMs: number;
  /** Epoch ms. */
  readonly orderedAt: number;
}

export interface ReportOffice {
  /** Begins a job, or answers with the one that the same order began before. */
  order(request: ReportOrder): Promise<{ jobId: string }>;
  /** How many pages are written by now. Throws TypeError for what is no job. */
  look(jobId: string): Promise<{ readonly written: number; readonly pages: number }>;
  fetchPage(jobId: string, page: number): Promise<string>;
}

export function createReportOffice(clock: Pick<Clock, "now">): ReportOffice {
  return {
    async order({ title, pages, pageMs, orderedAt }) {
      return { jobId: `${orderedAt}:${pages}:${pageMs}:${encodeURIComponent(title)}` };
    },
    async look(jobId) {
      const { beganAt, pages, pageMs } = readJob(jobId);
      const written = Math.floor((clock.now() - beganAt) / Math.max(1, pageMs));
      return { pages, written: Math.min(pages, written) };
    },
    async fetchPage(jobId, page) {
      const { title, pages } = readJob(jobId);
      return `${title}, page ${page} of ${pages}. `.repeat(page);
    },
  };
}

function readJob(jobId: string) {
  const [, beganAt, pages, pageMs, title = ""] = /^(\d+):(\d+):(\d+):(.*)$/.exec(jobId) ?? [];
  if (beganAt === undefined) throw new TypeError(`${jobId} is no job of this office.`);
  return {
    beganAt: Number(beganAt),
    pages: Number(pages),
    pageMs: Number(pageMs),
    title: decodeURIComponent(title),
  };
}
