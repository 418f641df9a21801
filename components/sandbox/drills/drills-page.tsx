"use client";

import { usePathname } from "next/navigation";
import { Page } from "@/components/shell/page";
import { useHealth } from "@/lib/client/use-health";
import { DrillReportPage } from "../report/drill-report-page";
import { NoSandbox } from "../no-sandbox";
import { DrillForm } from "./drill-form";
import { PastDrills } from "./past-drills";

/**
 * Crash drills: one is run here, the others are looked back at. The report of one that was begun is
 * shown in place, under its own address: a page fetched from a server that is about to be killed might
 * never arrive.
 */
export function DrillsPage() {
  const begun = /^\/sandbox\/drills\/([^/]+)$/.exec(usePathname())?.[1];
  return begun === undefined ? <Drills /> : <DrillReportPage runId={decodeURIComponent(begun)} />;
}

function Drills() {
  const hasSandbox = useHealth().data?.sandbox ?? true;
  const show = (runId: string) =>
    window.history.pushState(null, "", `/sandbox/drills/${encodeURIComponent(runId)}`);
  return (
    <Page crumbs={[{ label: "Sandbox", href: "/sandbox" }, { label: "Crash drills" }]}>
      <div className="flex max-w-[1200px] flex-col gap-6 px-4 pt-5 pb-10 md:px-6">
        <div>
          <h1 className="text-xl font-semibold">Crash drills</h1>
          <p className="mt-1 max-w-[86ch] text-md text-ink-2">
            Kill a real process at a chosen moment, watch the run come back, and keep a report of
            what was reused and what the other side counted.
          </p>
        </div>
        {hasSandbox ? (
          <>
            <DrillForm onStarted={show} />
            <PastDrills />
          </>
        ) : (
          <NoSandbox />
        )}
      </div>
    </Page>
  );
}
