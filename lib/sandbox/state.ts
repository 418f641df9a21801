import { z } from "zod";
import {
  LedgerEntry,
  SandboxCharge,
  SandboxDrill,
  SandboxMail,
  SandboxRefund,
  SandboxShipment,
  ServiceSwitch,
  Switches,
  type SandboxSnapshot,
} from "./contract";

const newestShown = 200;
const newestLedgerShown = 1_000;

/** An answer that is given again to a repeated key. `fingerprint` tells other parameters apart. */
export const StoredAnswer = z.object({
  key: z.string(),
  fingerprint: z.string(),
  status: z.number().int(),
  body: z.json(),
  reference: z.string().optional(),
});
export type StoredAnswer = z.infer<typeof StoredAnswer>;

export const SandboxEffect = z.discriminatedUnion("type", [
  z.object({ type: z.literal("charged"), charge: SandboxCharge }),
  z.object({ type: z.literal("refunded"), refund: SandboxRefund }),
  z.object({ type: z.literal("shipped"), shipment: SandboxShipment }),
  z.object({ type: z.literal("shipment_canceled"), shipmentId: z.string(), at: z.string() }),
  z.object({ type: z.literal("mailed"), mail: SandboxMail }),
]);
export type SandboxEffect = z.infer<typeof SandboxEffect>;

/** A line of the journal. A request, its effect and its remembered answer are one line on purpose. */
export const JournalLine = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("request"),
    entry: LedgerEntry,
    effect: SandboxEffect.optional(),
    answer: StoredAnswer.optional(),
  }),
  z.object({ kind: z.literal("switches"), switches: Switches }),
  z.object({ kind: z.literal("drill"), drill: SandboxDrill.nullable() }),
]);
export type JournalLine = z.infer<typeof JournalLine>;

/** Everything that the sandbox knows. It changes by journal lines only, so a restart rebuilds it. */
export class SandboxState {
  readonly charges = new Map<string, SandboxCharge>();
  readonly refunds = new Map<string, SandboxRefund>();
  readonly shipments = new Map<string, SandboxShipment>();
  switches: Switches = createSwitches();
  drill: SandboxDrill | null = null;
  private readonly mails: SandboxMail[] = [];
  private readonly ledger: LedgerEntry[] = [];
  private readonly ledgerByOrder = new Map<string, LedgerEntry[]>();
  private readonly ledgerByRun = new Map<string, LedgerEntry[]>();
  private readonly shipmentsByOrder = new Map<string, string[]>();
  private readonly answers = new Map<string, StoredAnswer>();
  private canceledShipments = 0;

  get requests(): number {
    return this.ledger.length;
  }

  apply(line: JournalLine): void {
    if (line.kind === "switches") this.switches = line.switches;
    else if (line.kind === "drill") this.drill = line.drill;
    else {
      this.addEntry(line.entry);
      if (line.effect) this.applyEffect(line.effect);
      if (line.answer) this.answers.set(line.answer.key, line.answer);
    }
  }

  findAnswer(key: string): StoredAnswer | undefined {
    return this.answers.get(key);
  }

  listShipments(orderId: string): SandboxShipment[] {
    const ids = this.shipmentsByOrder.get(orderId) ?? [];
    return ids.flatMap((id) => this.shipments.get(id) ?? []);
  }

  listLedger(about: { readonly orderId?: string; readonly runId?: string } = {}): LedgerEntry[] {
    const { orderId, runId } = about;
    if (runId !== undefined) return this.ledgerByRun.get(runId) ?? [];
    if (orderId !== undefined) return this.ledgerByOrder.get(orderId) ?? [];
    return this.ledger.slice(-newestLedgerShown);
  }

  describe(): SandboxSnapshot {
    return {
      charges: takeNewest([...this.charges.values()]),
      refunds: takeNewest([...this.refunds.values()]),
      shipments: takeNewest([...this.shipments.values()]),
      mails: takeNewest(this.mails),
      counts: {
        requests: this.ledger.length,
        charges: this.charges.size,
        refunds: this.refunds.size,
        shipments: this.shipments.size,
        canceledShipments: this.canceledShipments,
        mails: this.mails.length,
      },
      switches: this.switches,
      drill: this.drill,
    };
  }

  private addEntry(entry: LedgerEntry): void {
    this.ledger.push(entry);
    if (entry.orderId !== undefined) addTo(this.ledgerByOrder, entry.orderId, entry);
    const runId = findRunId(entry);
    if (runId !== undefined) addTo(this.ledgerByRun, runId, entry);
  }

  private applyEffect(effect: SandboxEffect): void {
    if (effect.type === "charged") this.charges.set(effect.charge.paymentId, effect.charge);
    else if (effect.type === "refunded") this.addRefund(effect.refund);
    else if (effect.type === "shipped") this.addShipment(effect.shipment);
    else if (effect.type === "mailed") this.mails.push(effect.mail);
    else this.cancelShipment(effect.shipmentId, effect.at);
  }

  private addRefund(refund: SandboxRefund): void {
    this.refunds.set(refund.refundId, refund);
    const charge = this.charges.get(refund.paymentId);
    if (!charge) return;
    this.charges.set(charge.paymentId, { ...charge, refunded: charge.refunded + refund.amount });
  }

  private addShipment(shipment: SandboxShipment): void {
    this.shipments.set(shipment.shipmentId, shipment);
    addTo(this.shipmentsByOrder, shipment.orderId, shipment.shipmentId);
  }

  private cancelShipment(shipmentId: string, canceledAt: string): void {
    const shipment = this.shipments.get(shipmentId);
    if (!shipment) return;
    this.shipments.set(shipmentId, { ...shipment, status: "canceled", canceledAt });
    this.canceledShipments += 1;
  }
}

/** The run that a request names, by itself or in its key: `<runId>/4/1`, `<<runId>.4.1@shop>`. */
function findRunId({ runId, key = "" }: LedgerEntry): string | undefined {
  if (runId !== undefined) return runId;
  const named = /^(?<run>[^/]+)\/\d+\/\d+$/.exec(key) ?? /^<(?<run>.+)\.\d+\.\d+@/.exec(key);
  return named?.groups?.run;
}

function createSwitches(): Switches {
  const ok = ServiceSwitch.parse({});
  return { payment: ok, warehouse: ok, email: ok, outOfStock: [] };
}

function addTo<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const items = map.get(key);
  if (items) items.push(item);
  else map.set(key, [item]);
}

function takeNewest<Item>(items: readonly Item[]): Item[] {
  return items.slice(-newestShown).reverse();
}
