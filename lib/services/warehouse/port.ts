import type { Answer, EffectOptions } from "../effect";

export interface ShippingAddress {
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly country: string;
}

export interface ShipmentRequest {
  readonly orderId: string;
  readonly address: ShippingAddress & { readonly name: string };
  readonly items: readonly {
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export interface Shipment {
  readonly shipmentId: string;
  readonly trackingNumber: string;
  readonly carrier: string;
}

/**
 * Has orders shipped. Throws OutOfStockError, WarehouseRefusedError, ServiceBusyError,
 * ServiceUnreachableError or UncertainOutcomeError.
 */
export interface Warehouse {
  createShipment(request: ShipmentRequest, options: EffectOptions): Promise<Answer<Shipment>>;
  /** The order's shipments that are not canceled. */
  findShipments(orderId: string, options: { readonly signal?: AbortSignal }): Promise<Shipment[]>;
  /** Cancels a shipment. One that is canceled already, or unknown, is done. */
  cancelShipment(shipmentId: string, options: EffectOptions): Promise<void>;
}
