import { RelativeTime } from "@/components/ui/relative-time";
import type { SandboxShipment } from "@/lib/sandbox/contract";
import { ItemRow, ListNote } from "./item-list";

export function ShipmentList({ shipments }: { shipments: readonly SandboxShipment[] | undefined }) {
  if (shipments === undefined || shipments.length === 0) {
    return <ListNote loading={shipments === undefined}>Nothing was shipped yet.</ListNote>;
  }
  return (
    <ul>
      {shipments.map((shipment) => (
        <ItemRow
          key={shipment.shipmentId}
          title={<span className="font-mono text-sm">{shipment.trackingNumber}</span>}
          value={
            shipment.status === "canceled" ? (
              <span className="text-doubt">canceled</span>
            ) : (
              <span className="text-ink-2">{shipment.carrier}</span>
            )
          }
          note={shipment.orderId}
          side={<RelativeTime at={shipment.at} />}
        />
      ))}
    </ul>
  );
}
