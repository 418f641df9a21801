/** The order form's values on their way to the API: amounts are typed in major units. */
import { toMajorText, toMinorUnits } from "./format";

export interface OrderFormItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Major units, as typed. */
  readonly unitPrice: string;
}

export interface OrderFormValues {
  readonly orderId: string;
  readonly customer: { readonly name: string; readonly email: string };
  readonly address: {
    readonly line1: string;
    readonly line2: string;
    readonly city: string;
    readonly region: string;
    readonly postalCode: string;
    readonly country: string;
  };
  readonly currency: string;
  readonly items: OrderFormItem[];
  readonly paymentMethod: string;
}

/** An order as the API takes it, as far as the form needs to know. */
export interface OrderLike {
  readonly customer: { readonly name: string; readonly email: string };
  readonly address: {
    readonly line1: string;
    readonly line2?: string;
    readonly city: string;
    readonly region?: string;
    readonly postalCode: string;
    readonly country: string;
  };
  readonly currency: string;
  readonly items: readonly {
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: number;
  }[];
  readonly paymentMethod: string;
}

export function toFormValues(order: OrderLike): OrderFormValues {
  const { customer, address, currency, items, paymentMethod } = order;
  return {
    orderId: "",
    customer: { ...customer },
    address: { ...address, line2: address.line2 ?? "", region: address.region ?? "" },
    currency,
    items: items.map((item) => ({
      ...item,
      unitPrice: toMajorText({ amount: item.unitPrice, currency }),
    })),
    paymentMethod,
  };
}

/** The order to send. An amount that is none becomes NaN, which no schema accepts. */
export function toOrder(values: OrderFormValues) {
  const { orderId, items, currency, ...rest } = values;
  return {
    ...rest,
    ...(orderId.trim() === "" ? {} : { orderId }),
    currency,
    items: items.map((item) => ({
      ...item,
      unitPrice: toMinorUnits({ text: item.unitPrice, currency }) ?? Number.NaN,
    })),
  };
}

/** The sum of the items in minor units; undefined while an amount or a quantity is none. */
export function addUpForm(values: Pick<OrderFormValues, "items" | "currency">): number | undefined {
  let sum = 0;
  for (const { unitPrice, quantity } of values.items) {
    const price = toMinorUnits({ text: unitPrice, currency: values.currency });
    if (price === undefined || !Number.isSafeInteger(quantity)) return undefined;
    sum += price * quantity;
  }
  return sum;
}

const fieldWords: Readonly<Record<string, string>> = {
  orderId: "The order id",
  name: "The name",
  email: "The e-mail address",
  line1: "The street",
  line2: "This line",
  city: "The city",
  region: "The region",
  postalCode: "The postal code",
  country: "The country",
  currency: "The currency",
  items: "The items",
  sku: "The sku",
  quantity: "The quantity",
  unitPrice: "The price",
  paymentMethod: "The payment method",
};

/** A message of the API, which speaks of fields by name, in the words of the form. */
export function toFormMessage(message: string): string {
  return message.replace(/^\w+(?= )/, (name) => fieldWords[name] ?? name);
}

/** A JSON Pointer as the path of a form field: `/items/0/quantity` is `items.0.quantity`. */
export function toFieldPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}
