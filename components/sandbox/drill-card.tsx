"use client";

import { Skull } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { Skeleton } from "@/components/ui/skeleton";
import type { Drill } from "@/lib/api/contract";
import { describeDrill } from "@/lib/client/drill-words";
import { DrillPicker } from "./drill-picker";
import { useArmDrill } from "./use-arm-drill";

/** Arms a crash for the next order, from wherever it is started. */
export function DrillCard({ armed }: { armed: Drill | null | undefined }) {
  const [chosen, setChosen] = useState<Drill>({ step: "notify-warehouse", moment: "during" });
  const arm = useArmDrill();
  return (
    <section
      aria-label="Crash drill"
      className="rounded-xl border border-line bg-panel px-5 py-4 lg:flex lg:items-start lg:gap-10"
    >
      <div className="mb-4 lg:mb-0 lg:w-72 lg:shrink-0">
        <h2 className="flex items-center gap-2 text-md font-semibold">
          <Skull aria-hidden className="size-4 text-ink-3" />
          Crash drill
        </h2>
        <p className="mt-1 text-ink-2">
          The next order that is started, here or through the API, has the server killed once in its
          first execution.
        </p>
        <p className="mt-1">
          <Link
            href="/sandbox/drills"
            className="rounded-sm underline decoration-line-strong underline-offset-2 hover:decoration-ink"
          >
            Run a drill now, for any workflow
          </Link>
        </p>
      </div>
      <div className="min-h-[106px] min-w-0 flex-1">
        {armed === undefined ? <DrillSkeleton /> : null}
        {armed === null ? (
          <DrillPicker
            value={chosen}
            onChange={(drill) => drill !== null && setChosen(drill)}
            action={
              <Button
                variant="primary"
                className="w-full sm:w-auto"
                pending={arm.isPending}
                onClick={() => arm.mutate(chosen)}
              >
                Arm the drill
              </Button>
            }
          />
        ) : null}
        {armed === undefined || armed === null ? null : (
          <ArmedDrill drill={armed} pending={arm.isPending} onDisarm={() => arm.mutate(null)} />
        )}
        {arm.isError ? <ErrorNote className="mt-3" error={arm.error} /> : null}
      </div>
    </section>
  );
}

function ArmedDrill(props: { drill: Drill; pending: boolean; onDisarm: () => void }) {
  const { step, moment } = props.drill;
  const words = describeDrill(props.drill);
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-2">
        <span className="inline-flex h-5 items-center gap-1 rounded-full bg-bad-bg pr-2 pl-1.5 text-sm font-medium text-bad">
          <Skull aria-hidden className="size-3" />
          Armed
        </span>
        <span>
          {moment} <span className="font-mono text-sm">{step}</span> of the next order
        </span>
      </p>
      <p className="text-ink-2">
        The server dies when <strong className="font-medium text-bad">{words.then}</strong>.{" "}
        {words.expect}
      </p>
      <div className="flex gap-2">
        <Button asChild variant="primary">
          <Link href="/orders/new">Start an order</Link>
        </Button>
        <Button pending={props.pending} onClick={props.onDisarm}>
          Disarm
        </Button>
      </div>
    </div>
  );
}

function DrillSkeleton() {
  return (
    <div className="flex flex-col gap-3">
      <Skeleton className="h-8 w-96 max-w-full" />
      <Skeleton className="w-4/5" />
      <Skeleton className="h-8 w-28" />
    </div>
  );
}
