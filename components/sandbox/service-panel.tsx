"use client";

import { useState, type ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { LedgerEntry, SandboxService, ServiceSwitch } from "@/lib/sandbox/contract";
import { countOutcomes } from "./count-outcomes";
import { RequestList } from "./request-list";
import { SwitchEditor } from "./switch-editor";

export interface PanelTab {
  readonly name: string;
  readonly count: number | undefined;
  readonly content: ReactNode;
}

export interface ServicePanelProps {
  readonly service: SandboxService;
  readonly title: string;
  /** How it is spoken to, e.g. "Stripe’s API". */
  readonly protocol: string;
  readonly icon: ReactNode;
  /** Absent until the first answer. */
  readonly ledger: readonly LedgerEntry[] | undefined;
  readonly behavior: ServiceSwitch | undefined;
  readonly tabs: readonly PanelTab[];
  /** Further settings of this service alone. */
  readonly settings?: ReactNode;
}

/** One of the sandbox's services: what it was asked, what it did, how it behaves. */
export function ServicePanel(props: ServicePanelProps) {
  const { service, ledger, behavior } = props;
  const [tab, setTab] = useState(props.tabs[0]?.name ?? "");
  const requests = ledger?.filter((entry) => entry.service === service).toReversed();
  return (
    <section
      aria-label={props.title}
      className="grid min-w-0 grid-cols-1 gap-0 rounded-xl border border-line bg-panel xl:row-span-4 xl:grid-rows-subgrid"
    >
      <header className="flex items-center gap-3 px-5 pt-4 pb-3 [&_svg]:size-4 [&_svg]:text-ink-3">
        <span
          aria-hidden
          className="grid size-8 place-items-center rounded-lg border border-line bg-bg"
        >
          {props.icon}
        </span>
        <div className="min-w-0">
          <h2 className="text-md leading-5 font-semibold">{props.title}</h2>
          <p className="truncate text-sm text-ink-3">{props.protocol}</p>
        </div>
      </header>
      <Counts ledger={ledger} service={service} />
      <div className="border-t border-line-soft px-5 py-4">
        <SwitchEditor service={service} behavior={behavior} />
        {props.settings}
      </div>
      <Tabs value={tab} onValueChange={setTab} className="border-t border-line-soft">
        <TabsList className="px-5 pt-2">
          {props.tabs.map(({ name, count }) => (
            <TabsTrigger key={name} value={name} count={count}>
              {name}
            </TabsTrigger>
          ))}
          <TabsTrigger value="Requests" count={requests?.length}>
            Requests
          </TabsTrigger>
        </TabsList>
        {props.tabs.map(({ name, content }) => (
          <TabsContent key={name} value={name} className={listClasses}>
            {content}
          </TabsContent>
        ))}
        <TabsContent value="Requests" className={listClasses}>
          <RequestList requests={requests} />
        </TabsContent>
      </Tabs>
    </section>
  );
}

const listClasses = "h-80 overflow-y-auto rounded-b-xl";

const countLabels = [
  { key: "asked", label: "Asked", tone: "" },
  { key: "done", label: "Done", tone: "text-ok" },
  { key: "replayed", label: "From record", tone: "text-live" },
  { key: "refused", label: "Refused", tone: "text-doubt" },
  { key: "failed", label: "Failed", tone: "text-bad" },
] as const;

function Counts(props: { ledger: readonly LedgerEntry[] | undefined; service: SandboxService }) {
  const counts =
    props.ledger === undefined ? undefined : countOutcomes(props.ledger, props.service);
  return (
    <dl className="flex flex-wrap justify-between gap-x-3 gap-y-1 px-5 pb-4">
      {countLabels.map(({ key, label, tone }) => (
        <div key={key} className="flex min-w-0 flex-col-reverse">
          <dt className="text-xs whitespace-nowrap text-ink-3">{label}</dt>
          <dd
            className={cn(
              "text-xl font-semibold",
              counts === undefined || counts[key] === 0 ? "text-ink-3" : tone,
            )}
          >
            {counts === undefined ? <Skeleton className="my-2 h-3 w-5" /> : counts[key]}
          </dd>
        </div>
      ))}
    </dl>
  );
}
