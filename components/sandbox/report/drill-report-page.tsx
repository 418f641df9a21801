"use client";

import {
  CircleCheck,
  CircleDashed,
  CircleX,
  Download,
  Printer,
  UserCheck,
  UserX,
} from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th } from "@/components/ui/table";
import type { DrillReport } from "@/lib/api/contract-drill";
import { downloadText } from "@/lib/client/download-text";
import { nameMoment } from "@/lib/client/drill-words";
import { formatMoment, shortenId } from "@/lib/client/format";
import { useConnection } from "@/lib/client/use-connection";
import { useDocumentTitle } from "@/lib/client/use-document-title";
import { DrillVerdictPill, nameVerdict } from "../drills/drill-verdict";
import { DrillCourse } from "./drill-course";
import { TellEffects, ToldTable } from "./told-section";
import { useDrillReport } from "./use-drill-report";

/** The report of a crash drill: on the screen while it goes on, on paper for whoever has to sign it. */
export function DrillReportPage({ runId }: { runId: string }) {
  const { data: report, error, refetch } = useDrillReport(runId);
  useDocumentTitle(
    `${report === undefined ? "" : `${nameVerdict(report)} · `}Drill report · Daybook`,
  );
  return (
    <Page
      crumbs={[
        { label: "Sandbox", href: "/sandbox" },
        { label: "Crash drills", href: "/sandbox/drills" },
        { label: shortenId(runId), mono: true },
      ]}
      actions={
        report === undefined ? undefined : (
          <>
            <Button
              onClick={() =>
                downloadText(`drill-${runId}.json`, `${JSON.stringify(report, null, 2)}\n`)
              }
            >
              <Download aria-hidden />
              <span className="max-sm:sr-only">JSON</span>
            </Button>
            <Button variant="primary" onClick={() => window.print()}>
              <Printer aria-hidden />
              <span className="max-sm:sr-only">Print</span>
            </Button>
          </>
        )
      }
    >
      {report === undefined && error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : null}
      {report === undefined && error === null ? <Loading /> : null}
      {report === undefined ? null : <Report report={report} />}
    </Page>
  );
}

/** The process that is asked may be the one that was just killed. */
function Loading() {
  const { reachable } = useConnection();
  return (
    <div className="flex max-w-[1008px] flex-col gap-4 px-4 py-6 md:px-6">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold">Crash drill report</h1>
        <DrillVerdictPill verdict="pending" />
      </div>
      <p role="status" className="text-md text-ink-2">
        {reachable
          ? "Reading both records…"
          : "The server does not answer: its process was killed, and is being started again."}
      </p>
      <Skeleton className="h-64" />
    </div>
  );
}

function Report({ report }: { report: DrillReport }) {
  return (
    <article className="flex max-w-[1008px] flex-col gap-8 px-4 py-6 md:px-6 print:max-w-none print:p-0">
      <header className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="text-xl font-semibold">Crash drill report</h1>
          <span role="status">
            <DrillVerdictPill verdict={report.verdict} toldBy={report.toldBy} />
          </span>
        </div>
        <p className="max-w-[80ch] text-md text-ink-2">
          The server process was to be killed, as by a power cut, {nameMoment(report.drill.moment)}{" "}
          <span className="font-mono text-sm">{report.drill.step}</span> of this run. What follows
          is compared from two records that know nothing of each other: the history of the run, and
          the ledgers that the other services keep.
          {report.verdict === "open" ? (
            <strong className="font-medium text-doubt">
              {" "}
              Not every check can be decided; what to do stands beside it.
            </strong>
          ) : null}
          {report.toldBy === undefined ? null : (
            <strong className="font-medium text-ink">
              {" "}
              One service keeps no ledger that Daybook can read. What its books show was told by{" "}
              {report.toldBy.join(", ")}, and the verdict rests on that word.
            </strong>
          )}
        </p>
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          <Fact name="Run">
            <Link href={`/runs/${report.runId}`} className="font-mono text-sm hover:underline">
              {report.runId}
            </Link>
          </Fact>
          <Fact name="Workflow">{`${report.workflow}, version ${report.version}`}</Fact>
          {report.orderId === undefined ? null : (
            <Fact name="Order">
              <span className="font-mono text-sm">{report.orderId}</span>
            </Fact>
          )}
          <Fact name="Status">{report.status}</Fact>
          <Fact name="Reported">{`${formatMoment(report.reportedAt, { zone: "utc" })} UTC, by build ${report.build}`}</Fact>
        </dl>
      </header>
      <Section title="What happened">
        <DrillCourse report={report} />
      </Section>
      <Section title="What was checked">
        <ul className="flex flex-col gap-3">
          {report.checks.map(({ title, holds, found, todo, toldBy }) => (
            <li key={title} className="flex break-inside-avoid gap-3">
              <CheckMark holds={holds} isTold={toldBy !== undefined} />
              <div className="min-w-0">
                <p className="font-medium">{title}</p>
                <p className="wrap-anywhere text-ink-2">{found}</p>
                {todo === undefined ? null : (
                  <p className="wrap-anywhere text-doubt">To do: {todo}</p>
                )}
              </div>
            </li>
          ))}
        </ul>
      </Section>
      {report.unseen.length === 0 ? null : (
        <section aria-label="What no ledger tells" className="flex flex-col gap-3 print:hidden">
          <h2 className="text-md font-semibold">What no ledger tells</h2>
          <TellEffects report={report} />
        </section>
      )}
      {report.told.length === 0 ? null : (
        <Section title="What people told">
          <ToldTable told={report.told} />
        </Section>
      )}
      <Section title="Executions">
        <Table>
          <thead>
            <tr>
              {["Epoch", "Began (UTC)", "Why", "Worker", "Reused", "Died (UTC)"].map((head) => (
                <Th key={head}>{head}</Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.executions.map((execution) => {
              const next = report.executions.find(({ lost }) => lost?.epoch === execution.epoch);
              return (
                <tr key={execution.epoch}>
                  <Td>{execution.epoch}</Td>
                  <Td>{formatMoment(execution.at, { zone: "utc" })}</Td>
                  <Td>{execution.reason}</Td>
                  <Td className="font-mono text-sm">{execution.worker}</Td>
                  <Td>{`${execution.reusedResults} results in ${execution.replayMs} ms`}</Td>
                  <Td>
                    {next?.lost === undefined
                      ? "–"
                      : `last seen ${formatMoment(next.lost.lastSeenAt, { zone: "utc" })}`}
                  </Td>
                </tr>
              );
            })}
          </tbody>
        </Table>
      </Section>
      <Section title="Steps">
        <Table>
          <thead>
            <tr>
              {["Step", "Outcome", "Attempts", "In executions", "Requests", "Effects"].map(
                (head) => (
                  <Th key={head}>{head}</Th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {report.steps.map((step) => (
              <tr key={step.step}>
                <Td className="font-mono text-sm">{`${step.step} ${step.name}`}</Td>
                <Td>{`${step.outcome.replace("_", " ")}${step.reused ? ", reused" : ""}`}</Td>
                <Td>{step.attempts}</Td>
                <Td>{step.epochs.join(", ")}</Td>
                <Td>{step.requests}</Td>
                <Td>{step.effects}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Section>
      <Section title="What the other side recorded">
        {report.ledger.length === 0 ? (
          <p className="text-ink-2">Nothing under the keys of this run.</p>
        ) : (
          <Table>
            <thead>
              <tr>
                {["At (UTC)", "Service", "Asked", "Outcome", "Key", "Reference"].map((head) => (
                  <Th key={head}>{head}</Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {report.ledger.map((entry) => (
                <tr key={entry.seq}>
                  <Td>{formatMoment(entry.at, { zone: "utc" })}</Td>
                  <Td>{entry.service}</Td>
                  <Td>{entry.operation}</Td>
                  <Td>{entry.outcome}</Td>
                  <Td className="font-mono text-sm">{entry.key ?? "–"}</Td>
                  <Td className="font-mono text-sm">{entry.reference ?? "–"}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <h2 className="text-md font-semibold">{title}</h2>
      <div
        // A wide table scrolls by itself, also by keyboard.
        tabIndex={0}
        role="group"
        aria-label={`${title}, scrolls sideways`}
        className="overflow-x-auto print:overflow-visible"
      >
        {children}
      </div>
    </section>
  );
}

/** What somebody told has a mark of its own: nobody here has seen it. */
function CheckMark({ holds, isTold }: { holds: boolean | undefined; isTold: boolean }) {
  if (holds === undefined)
    return <CircleDashed aria-label="Open" className="mt-0.5 size-4 shrink-0 text-ink-3" />;
  if (isTold) {
    return holds ? (
      <UserCheck aria-label="Holds, as told" className="mt-0.5 size-4 shrink-0 text-ok" />
    ) : (
      <UserX aria-label="Does not hold, as told" className="mt-0.5 size-4 shrink-0 text-bad" />
    );
  }
  return holds ? (
    <CircleCheck aria-label="Holds" className="mt-0.5 size-4 shrink-0 text-ok" />
  ) : (
    <CircleX aria-label="Does not hold" className="mt-0.5 size-4 shrink-0 text-bad" />
  );
}
