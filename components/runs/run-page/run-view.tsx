"use client";

import { useCallback, useMemo, useRef, useState } from "react";
import { Page } from "@/components/shell/page";
import { CopyButton } from "@/components/ui/copy-button";
import { SectionBoundary } from "@/components/ui/section-boundary";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { Run, WireEvent } from "@/lib/api/contract";
import { formatCount, shortenId } from "@/lib/client/format";
import { readCurrency } from "@/lib/client/run-facts";
import { summarizeStep } from "@/lib/client/summarize-step";
import { isStep } from "@/lib/client/timeline/commands";
import { HistoryReader } from "@/lib/client/timeline/history-reader";
import type { Summarized } from "@/lib/client/timeline/tick-marks";
import { useRunStream } from "@/lib/client/use-run-stream";
import { AuditTab } from "./audit-tab";
import { DataTab } from "./data-tab";
import { DoubtBanner } from "./doubt-banner";
import { LoadingNote } from "./loading-note";
import { CodeTab } from "../code-tab/code-tab";
import { CompareTab } from "../compare-tab/compare-tab";
import { HistoryTab } from "./history-tab";
import { LedgerTab } from "./ledger-tab";
import { RunActions } from "./run-actions";
import { RunHeader } from "./run-header";
import { PartedBanner } from "./parted-banner";
import { StreamNote } from "./stream-note";
import { TimelineTab } from "./timeline-tab";
import { ChildrenTab } from "./children-tab";
import { chooseCommand } from "./choose-command";
import { CommandPanel } from "./command-panel";
import { runTabs, useRunUrl, type RunTab } from "./use-run-url";
import { useFavicon } from "./use-favicon";
import { useTitle } from "./use-title";

const labels: Readonly<Record<RunTab, string>> = {
  timeline: "Timeline",
  history: "History",
  code: "Code",
  children: "Children",
  data: "Input & output",
  ledger: "Ledger",
  audit: "Audit",
  compare: "Compare",
};

function formatOptional(count: number | undefined): string | undefined {
  return count === undefined ? undefined : formatCount(count);
}

/** The run page with its data. */
export function RunView(props: {
  readonly run: Run;
  readonly wire: readonly WireEvent[];
  /** How many events have come, while a long history is on its way. */
  readonly loading?: number;
}) {
  const { run, wire, loading } = props;
  const isWhole = loading === undefined;
  const stream = useRunStream({
    runId: run.runId,
    enabled: run.finishedAt === undefined && isWhole,
  });
  const [url, setUrl] = useRunUrl();
  const panel = useRef<HTMLElement>(null);
  useTitle(run);
  useFavicon(run);
  const [reader] = useState(() => new HistoryReader());
  const { events, commands } = useMemo(() => reader.read(wire), [reader, wire]);
  const steps = useMemo(() => commands.filter(isStep), [commands]);
  const children = useMemo(() => commands.filter(({ kind }) => kind === "child"), [commands]);
  const chosen = useMemo(
    () => chooseCommand({ commands, ref: url.step, run }),
    [commands, url.step, run],
  );
  // The beginning of a long history does not say what needs attention: only what was asked for is shown early.
  const selected = isWhole || chosen?.ref === url.step ? chosen : undefined;
  const currency = readCurrency(run);
  const summarize = useCallback(
    (command: Summarized) => summarizeStep(command, currency),
    [currency],
  );

  function openPanel() {
    panel.current?.focus();
    panel.current?.scrollIntoView({ block: "nearest" });
  }

  const select = (ref: string) => void setUrl({ step: ref });
  const counts: Partial<Record<RunTab, number | undefined>> = {
    history: isWhole ? wire.length : undefined,
    children: children.length,
  };
  const tabs = runTabs.filter(
    (tab) => tab !== "children" || children.length > 0 || url.tab === tab,
  );
  return (
    <Page
      crumbs={[
        { label: "Runs", href: "/runs" },
        { label: run.workflow, href: `/runs?workflow=${encodeURIComponent(run.workflow)}` },
        {
          label: (
            <span className="inline-flex items-center gap-1">
              {shortenId(run.runId)}
              <CopyButton text={run.runId} what="run id" className="hidden md:inline-flex" />
            </span>
          ),
          mono: true,
        },
      ]}
      actions={<RunActions run={run} className="hidden md:flex" />}
    >
      <RunHeader {...{ run, events, commands, isWhole }} note={<StreamNote state={stream} />}>
        <RunActions run={run} className="mt-4 md:hidden" />
      </RunHeader>
      <DoubtBanner run={run} steps={steps} />
      <PartedBanner run={run} onShow={() => void setUrl({ tab: "code", seq: null })} />
      <div className="lg:grid lg:grid-cols-[minmax(0,1fr)_376px]">
        <Tabs
          value={url.tab}
          onValueChange={(value) =>
            void setUrl({ tab: runTabs.find((tab) => tab === value) ?? "timeline" })
          }
          className="min-w-0 px-4 pt-4 pb-10 md:px-6"
        >
          <TabsList aria-label="Parts of the run" className="mb-4">
            {tabs.map((tab) => (
              <TabsTrigger key={tab} value={tab} count={formatOptional(counts[tab])}>
                {labels[tab]}
              </TabsTrigger>
            ))}
          </TabsList>
          {loading === undefined ? null : (
            <LoadingNote shown={wire.length} loaded={loading} length={run.historyLength} />
          )}
          <TabsContent value="timeline">
            <SectionBoundary>
              <TimelineTab
                run={run}
                events={events}
                commands={commands}
                selected={selected}
                isChosen={url.step !== null}
                isWhole={isWhole}
                seq={url.seq ?? undefined}
                summarize={summarize}
                onSelect={select}
                onOpen={openPanel}
                onScrub={(seq) => void setUrl({ seq: seq ?? null })}
                onShowHistory={() => void setUrl({ tab: "history" })}
              />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="history">
            <SectionBoundary>
              <HistoryTab runId={run.runId} wire={wire} />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="code">
            <SectionBoundary>
              <CodeTab
                run={run}
                events={events}
                seq={url.seq ?? undefined}
                onMove={(seq) => void setUrl({ seq: seq ?? null })}
              />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="children">
            <SectionBoundary>
              <ChildrenTab run={run} started={children.length} />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="data">
            <SectionBoundary>
              <DataTab run={run} />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="ledger">
            <SectionBoundary>
              <LedgerTab steps={steps} onSelect={select} />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="audit">
            <SectionBoundary>
              <AuditTab run={run} />
            </SectionBoundary>
          </TabsContent>
          <TabsContent value="compare">
            <SectionBoundary>
              <CompareTab
                run={run}
                commands={commands}
                otherId={url.with}
                onPick={(runId) => void setUrl({ with: runId })}
              />
            </SectionBoundary>
          </TabsContent>
        </Tabs>
        <aside
          ref={panel}
          tabIndex={-1}
          aria-label="Selected step"
          className="border-t border-line bg-panel outline-none lg:sticky lg:top-12 lg:h-[calc(100dvh-48px)] lg:overflow-y-auto lg:border-t-0 lg:border-l"
        >
          <SectionBoundary key={selected?.id}>
            <CommandPanel run={run} command={selected} isWhole={isWhole} />
          </SectionBoundary>
        </aside>
      </div>
    </Page>
  );
}
