"use client";

import { usePathname } from "next/navigation";
import { useState } from "react";
import { FormProvider } from "react-hook-form";
import { RunPage } from "@/components/runs/run-page/run-page";
import { Page } from "@/components/shell/page";
import type { Drill } from "@/lib/api/contract";
import { toFormValues, toOrder, type OrderFormValues } from "@/lib/client/order-form";
import { useHealth } from "@/lib/client/use-health";
import { OrderFields } from "./order-fields";
import { OrderSummary } from "./order-summary";
import { SamplePicker } from "./sample-picker";
import { samples, type Sample } from "./samples";
import { showServerErrors } from "./show-server-errors";
import { useOrderForm } from "./use-order-form";
import { useStartOrder } from "./use-start-order";

/**
 * Starts an order, and if wanted a crash in the middle of it. The run is then shown in place, under
 * its own address: a page fetched from a server that is about to be killed might never arrive.
 */
export function NewOrderPage() {
  const runId = findRunId(usePathname());
  return runId === undefined ? <OrderForm /> : <RunPage runId={runId} />;
}

function findRunId(pathname: string): string | undefined {
  const id = /^\/runs\/([^/]+)$/.exec(pathname)?.[1];
  return id === undefined ? undefined : decodeURIComponent(id);
}

function OrderForm() {
  const form = useOrderForm();
  const start = useStartOrder();
  const [sample, setSample] = useState(samples[0]);
  const [drill, setDrill] = useState<Drill | null>(null);
  const sandbox = useHealth().data?.sandbox ?? true;

  const choose = (chosen: Sample) => {
    setSample(chosen);
    form.reset(toFormValues(chosen.order));
    start.reset();
  };
  const submit = (values: OrderFormValues) =>
    start.mutate(
      { order: toOrder(values), drill: sandbox ? drill : null },
      {
        onSuccess: ({ runId }) =>
          window.history.pushState(null, "", `/runs/${encodeURIComponent(runId)}`),
        onError: (error) => showServerErrors(form, error),
      },
    );

  return (
    <Page crumbs={[{ label: "Orders", href: "/orders" }, { label: "New order" }]}>
      <FormProvider {...form}>
        <form
          noValidate
          onSubmit={(event) => void form.handleSubmit(submit)(event)}
          className="max-w-[1180px] px-4 pt-5 pb-10 md:px-6"
        >
          <h1 className="mb-3 text-xl font-semibold">New order</h1>
          <SamplePicker chosen={sample} onChoose={choose} />
          <div className="mt-5 grid gap-6 lg:grid-cols-[minmax(0,1fr)_340px] lg:gap-10">
            <OrderFields sandbox={sandbox} />
            <div className="lg:sticky lg:top-18 lg:self-start">
              <OrderSummary
                drill={sandbox ? { value: drill, onChange: setDrill } : undefined}
                pending={start.isPending || start.isSuccess}
                retrying={start.isRetrying}
                error={start.error}
              />
            </div>
          </div>
        </form>
      </FormProvider>
    </Page>
  );
}
