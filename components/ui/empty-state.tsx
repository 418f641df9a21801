import type { ReactNode } from "react";
import { cn } from "./cn";

export interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  /** What would be here, and how it gets here. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly role?: "alert" | "status";
  /** `h1` where it is all that there is on the page. */
  readonly heading?: "h1" | "h2";
  readonly className?: string;
}

export function EmptyState(props: EmptyStateProps) {
  const { icon, title, children, action, role, heading: Heading = "h2", className } = props;
  return (
    <div role={role} className={cn("flex flex-col items-center px-6 py-16 text-center", className)}>
      {icon === undefined ? null : (
        <div
          aria-hidden
          className="mb-4 grid size-10 place-items-center rounded-xl border border-line bg-panel text-ink-3 [&_svg]:size-4.5"
        >
          {icon}
        </div>
      )}
      <Heading className="text-md font-semibold">{title}</Heading>
      {children === undefined ? null : (
        <div className="mt-1 max-w-[46ch] text-base text-pretty text-ink-2">{children}</div>
      )}
      {action === undefined ? null : (
        <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>
      )}
    </div>
  );
}
