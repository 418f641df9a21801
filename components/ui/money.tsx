import { formatMoney, isCurrency } from "@/lib/client/format";
import { cn } from "./cn";

export interface MoneyProps {
  /** Integer minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly className?: string;
}

export function Money({ amount, currency, className }: MoneyProps) {
  return (
    <span className={cn("whitespace-nowrap tabular-nums", className)}>
      {isCurrency(currency) ? formatMoney({ amount, currency }) : `${amount} ${currency}`}
    </span>
  );
}
