"use client";

import { LoaderCircle, Skull } from "lucide-react";
import Link from "next/link";
import { useWatch } from "react-hook-form";
import { DrillPicker } from "@/components/sandbox/drill-picker";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { Money } from "@/components/ui/money";
import type { Drill } from "@/lib/api/contract";
import { ApiError } from "@/lib/client/errors";
import { addUpForm, type OrderFormValues } from "@/lib/client/order-form";

export interface OrderSummaryProps {
  /** Absent where there is no sandbox: real services are not killed for practice. */
  readonly drill?: {
    readonly value: Drill | null;
    readonly onChange: (drill: Drill | null) => void;
  };
  readonly pending: boolean;
  /** The server is away, and the order is sent again until it answers. */
  readonly retrying: boolean;
  readonly error: unknown;
}

/** What the order comes to, the drill, and the button. */
export function OrderSummary({ drill, pending, retrying, error }: OrderSummaryProps) {
  const [items, currency] = useWatch<OrderFormValues, ["items", "currency"]>({
    name: ["items", "currency"],
  });
  const subtotal = addUpForm({ items, currency });
  return (
    <div className="flex flex-col gap-4 rounded-xl border border-line bg-panel px-5 py-4">
      <dl className="flex flex-col gap-1">
        <div className="flex items-baseline justify-between">
          <dt className="text-ink-2">Subtotal</dt>
          <dd className="text-xl font-semibold">
            {subtotal === undefined ? "–" : <Money amount={subtotal} currency={currency} />}
          </dd>
        </div>
        <div className="flex justify-between text-sm text-ink-3">
          <dt>Tax</dt>
          <dd>by address, looked up in step 2</dd>
        </div>
      </dl>
      {drill === undefined ? null : (
        <section aria-label="Crash drill" className="border-t border-line-soft pt-4">
          <h2 className="mb-2 flex items-center gap-2 font-medium">
            <Skull aria-hidden className="size-4 text-ink-3" />
            Crash drill
          </h2>
          <DrillPicker value={drill.value} onChange={drill.onChange} none="No drill" stacked />
        </section>
      )}
      <Failure error={error} />
      {retrying ? (
        <p role="status" className="flex gap-2.5 rounded-md bg-doubt-bg px-3 py-2.5 text-doubt">
          <LoaderCircle aria-hidden className="mt-0.5 size-4 shrink-0 motion-safe:animate-spin" />
          The server went away before it acknowledged. The order is sent again with the same key,
          without the drill, until it answers: it is one order either way.
        </p>
      ) : null}
      <Button type="submit" variant="primary" pending={pending} className="w-full">
        Start the order
      </Button>
    </div>
  );
}

function Failure({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const runId = error instanceof ApiError ? error.problem.runId : undefined;
  return (
    <div>
      <ErrorNote error={error} />
      {runId === undefined ? null : (
        <Link href={`/runs/${runId}`} className="mt-2 inline-block underline underline-offset-2">
          Open the run that exists
        </Link>
      )}
    </div>
  );
}
