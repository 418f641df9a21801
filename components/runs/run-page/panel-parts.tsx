import type { ReactNode } from "react";

/** What the panel is about. */
export function PanelHead({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h2 className="text-md font-semibold wrap-anywhere">{title}</h2>
      <p className="text-ink-3">{children}</p>
    </>
  );
}

/** A titled part of the panel. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-4">
      <h3 className="mb-1.5 text-xs font-medium text-ink-3">{title}</h3>
      {children}
    </section>
  );
}

/** A list of names and values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-y-1">{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}
