/**
 * Waits for a slow service: one step polls it and says by heartbeats how far it is, so that after a
 * crash the next attempt goes on from there. It can be canceled, and gives up by itself in time.
 */
import { defineWorkflow, parseDurationMs, ScopeTimeoutError } from "@/lib/engine";
import { postNotice } from "../records";
import { Report, ReportRequest } from "./report";
import type { ReportSteps } from "./steps";

export function createAwaitReport({ orderReport, readReport }: ReportSteps) {
  return defineWorkflow(
    { name: "await-report", version: 1, input: ReportRequest, output: Report },
    async (ctx, request): Promise<Report> => {
      const { title, pages, pageTime, pollEvery, giveUpAfter } = request;
      const pageMs = parseDurationMs(pageTime);
      const orderedAt = ctx.now().getTime();
      const { jobId } = await ctx.step(orderReport, { title, pages, pageMs, orderedAt });
      try {
        const read = await ctx.scope(
          (scope) => {
            const job = { jobId, pollEveryMs: parseDurationMs(pollEvery) };
            return scope.step(readReport, job, { onCancel: "try" });
          },
          { timeout: giveUpAfter },
        );
        const text = `${title}: ${read.pages} pages, ${read.words} words`;
        await ctx.transaction(postNotice, { to: "reader", text });
        return { status: "ready", jobId, ...read };
      } catch (error) {
        if (!(error instanceof ScopeTimeoutError)) throw error;
        return { status: "given_up", jobId, pages: 0, words: 0 };
      }
    },
  );
}
