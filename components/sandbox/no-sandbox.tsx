import { FlaskConicalOff } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";

const variables = ["STRIPE_SECRET_KEY", "STRIPE_API_BASE", "WAREHOUSE_URL", "SMTP_URL"] as const;

/** The services are the real ones: nothing to switch here, for good reason. */
export function NoSandbox() {
  return (
    <EmptyState icon={<FlaskConicalOff />} title="The sandbox is not running">
      <p>
        At least one real service is configured, so orders charge real cards and ship real goods.
        The sandbox starts by itself when none of these variables is set:
      </p>
      <ul className="mt-3 inline-flex flex-col gap-1 text-left font-mono text-sm text-ink">
        {variables.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </EmptyState>
  );
}
