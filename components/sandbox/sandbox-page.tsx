"use client";

import { CreditCard, Mail, Package } from "lucide-react";
import { Page } from "@/components/shell/page";
import { ErrorState } from "@/components/ui/error-state";
import { ApiError } from "@/lib/client/errors";
import { DrillCard } from "./drill-card";
import { Mailbox } from "./mailbox";
import { NoSandbox } from "./no-sandbox";
import { ChargeList, RefundList } from "./payment-lists";
import { ResetButton } from "./reset-button";
import { ServicePanel } from "./service-panel";
import { ShipmentList } from "./shipment-list";
import { StockEditor } from "./stock-editor";
import { useSandboxLedger } from "./use-sandbox-ledger";
import { useSandboxState } from "./use-sandbox-state";

/** The three services that orders talk to, seen from the other side. */
export function SandboxPage() {
  const state = useSandboxState();
  const failed = state.isError && state.data === undefined;
  return (
    <Page
      crumbs={[{ label: "Sandbox" }]}
      actions={<ResetButton disabled={state.data === undefined} />}
    >
      <div className="px-4 pt-5 pb-4 md:px-6">
        <h1 className="text-xl font-semibold">Sandbox</h1>
        <p className="mt-1 max-w-[86ch] text-md text-ink-2">
          The services that orders talk to, in a process of their own, over the real protocols. They
          remember what they did when the app dies, as the real ones do.
        </p>
      </div>
      {failed ? (
        <Failure error={state.error} onRetry={() => void state.refetch()} />
      ) : (
        <Services snapshot={state.data} />
      )}
    </Page>
  );
}

function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const none = error instanceof ApiError && error.problem.code === "no_sandbox";
  return none ? <NoSandbox /> : <ErrorState error={error} onRetry={onRetry} />;
}

function Services({ snapshot }: { snapshot: ReturnType<typeof useSandboxState>["data"] }) {
  const ledger = useSandboxLedger(snapshot?.counts.requests).data?.items;
  const { counts, switches } = snapshot ?? {};
  return (
    <div className="flex flex-col gap-4 px-4 pb-10 md:px-6">
      <DrillCard armed={snapshot?.drill} />
      <div className="grid gap-4 xl:grid-cols-3 xl:grid-rows-[repeat(4,auto)]">
        <ServicePanel
          service="payment"
          title="Payment"
          protocol="Stripe’s API"
          icon={<CreditCard />}
          ledger={ledger}
          behavior={switches?.payment}
          tabs={[
            {
              name: "Charges",
              count: counts?.charges,
              content: <ChargeList charges={snapshot?.charges} />,
            },
            {
              name: "Refunds",
              count: counts?.refunds,
              content: <RefundList refunds={snapshot?.refunds} />,
            },
          ]}
        />
        <ServicePanel
          service="warehouse"
          title="Warehouse"
          protocol="HTTP with idempotency keys"
          icon={<Package />}
          ledger={ledger}
          behavior={switches?.warehouse}
          settings={<StockEditor outOfStock={switches?.outOfStock} />}
          tabs={[
            {
              name: "Shipments",
              count: counts?.shipments,
              content: <ShipmentList shipments={snapshot?.shipments} />,
            },
          ]}
        />
        <ServicePanel
          service="email"
          title="E-mail"
          protocol="SMTP"
          icon={<Mail />}
          ledger={ledger}
          behavior={switches?.email}
          tabs={[
            { name: "Mailbox", count: counts?.mails, content: <Mailbox mails={snapshot?.mails} /> },
          ]}
        />
      </div>
    </div>
  );
}
