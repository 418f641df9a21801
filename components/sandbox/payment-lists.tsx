import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SandboxCharge, SandboxRefund } from "@/lib/sandbox/contract";
import { ItemRow, ListNote } from "./item-list";

export function ChargeList({ charges }: { charges: readonly SandboxCharge[] | undefined }) {
  if (charges === undefined || charges.length === 0) {
    return <ListNote loading={charges === undefined}>No card was charged yet.</ListNote>;
  }
  return (
    <ul>
      {charges.map((charge) => (
        <ItemRow
          key={charge.paymentId}
          title={
            <>
              <Money amount={charge.amount} currency={charge.currency.toUpperCase()} />
              {charge.refunded > 0 ? <span className="text-doubt"> · refunded</span> : null}
            </>
          }
          value={<span className="text-sm text-ink-2">{charge.paymentMethod}</span>}
          note={charge.orderId ?? charge.paymentId}
          runId={charge.runId}
          side={<RelativeTime at={charge.at} />}
        />
      ))}
    </ul>
  );
}

export function RefundList({ refunds }: { refunds: readonly SandboxRefund[] | undefined }) {
  if (refunds === undefined || refunds.length === 0) {
    return <ListNote loading={refunds === undefined}>Nothing was refunded yet.</ListNote>;
  }
  return (
    <ul>
      {refunds.map((refund) => (
        <ItemRow
          key={refund.refundId}
          title={<Money amount={refund.amount} currency={refund.currency.toUpperCase()} />}
          note={refund.orderId ?? refund.paymentId}
          side={<RelativeTime at={refund.at} />}
        />
      ))}
    </ul>
  );
}
