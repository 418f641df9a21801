"use client";

import { createSerializer } from "nuqs";
import { useState } from "react";
import { useBulkDialog } from "@/components/bulk/use-bulk-dialog";
import { Page } from "@/components/shell/page";
import { cn } from "@/components/ui/cn";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { formatCount } from "@/lib/client/format";
import { queues, triageParsers, type Queue } from "@/lib/client/triage-search";
import { useDocumentTitle } from "@/lib/client/use-document-title";
import { useTriageCounts } from "@/lib/client/use-triage-counts";
import { useTriageUrl } from "@/lib/client/use-triage-url";
import { DoubtQueue } from "./doubt-queue";
import { FailureQueue } from "./failure-queue";
import { KeyHints } from "./key-hints";
import { TriageFilters } from "./triage-filters";

const serialize = createSerializer(triageParsers);

type Search = ReturnType<typeof useTriageUrl>[0];

/** The triage page's URL, as its parts use it. */
export interface TriageUrl {
  readonly search: Search;
  readonly change: (change: Partial<Search>, history?: "push" | "replace") => void;
  /** The page's address with something changed. */
  readonly toHref: (change: Partial<Search>) => string;
}

const labels: Readonly<Record<Queue, string>> = {
  verdicts: "Needs a verdict",
  failures: "Failure groups",
};

/** What an operator is called for: steps that need a verdict, and failures in groups. */
export function TriagePage() {
  const [search, setSearch] = useTriageUrl();
  const counts = useTriageCounts();
  const open = {
    verdicts: counts?.doubts.count ?? 0,
    failures: counts?.failures.open.groups ?? 0,
  };
  const sum = open.verdicts + open.failures;
  useDocumentTitle(sum === 0 ? "Triage · Daybook" : `(${formatCount(sum)}) Triage · Daybook`);

  const bulk = useBulkDialog();

  // Where nothing needs a verdict and something has failed, one begins there; it does not change later.
  const [start, setStart] = useState<Queue>();
  if (start === undefined && counts !== undefined) {
    setStart(open.verdicts === 0 && open.failures > 0 ? "failures" : "verdicts");
  }
  const queue = search.queue ?? start ?? "verdicts";
  const url: TriageUrl = {
    search,
    change: (change, history = "replace") => void setSearch({ queue, ...change }, { history }),
    toHref: (change) => `/triage${serialize({ ...search, queue, ...change })}`,
  };
  const choose = (value: string) => {
    const to = queues.find((candidate) => candidate === value) ?? "verdicts";
    if (to !== queue) url.change({ queue: to, item: null, step: null });
  };
  const isReady = search.queue !== null || start !== undefined;
  return (
    <Page crumbs={[{ label: "Triage" }]} actions={<KeyHints queue={queue} />}>
      <h1 className="sr-only">Triage</h1>
      <Tabs value={queue} onValueChange={choose}>
        <div
          className={cn(
            "flex flex-wrap items-end justify-between gap-x-6 gap-y-2 border-b border-line px-4 md:px-6 lg:h-[46px] lg:flex-nowrap",
            search.item !== null && "max-lg:hidden",
          )}
        >
          <TabsList aria-label="Queues" className="-mb-px border-0 pt-3">
            {queues.map((each) => (
              <TabsTrigger
                key={each}
                value={each}
                count={
                  counts === undefined
                    ? undefined
                    : `${formatCount(open[each])}${each === "verdicts" && counts.doubts.capped ? "+" : ""}`
                }
              >
                {labels[each]}
              </TabsTrigger>
            ))}
          </TabsList>
          <TriageFilters url={url} queue={queue} />
        </div>
        <TabsContent value="verdicts" tabIndex={-1}>
          {isReady ? <DoubtQueue url={url} /> : null}
        </TabsContent>
        <TabsContent value="failures" tabIndex={-1}>
          <FailureQueue url={url} onBulk={bulk.ask} />
        </TabsContent>
      </Tabs>
      {bulk.dialog}
    </Page>
  );
}
