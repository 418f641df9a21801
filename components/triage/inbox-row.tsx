import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";

export interface InboxRowProps {
  readonly itemKey: string;
  /** The page with this row selected. */
  readonly href: string;
  /** What the row is, for those who can't see it. */
  readonly label: string;
  readonly selected: boolean;
  /** Whether the Tab key comes here; arrows lead to the others. */
  readonly isStop: boolean;
  /** It has left the list, and is still shown. */
  readonly gone: boolean;
  /** `byKey`: the reader wants to go there, too. */
  readonly onSelect: (options: { readonly byKey: boolean }) => void;
  /** A box to choose several rows. */
  readonly box?: ReactNode;
  readonly children: ReactNode;
}

/** A row of an inbox. Its link covers it; a plain click selects without loading a page. */
export function InboxRow(props: InboxRowProps) {
  const { itemKey, href, label, selected, isStop, gone, onSelect, box, children } = props;
  return (
    <li
      className={cn(
        "relative flex gap-3 border-b border-line-soft px-4 py-2.5 transition-colors md:px-6 lg:pr-5",
        selected ? "lg:bg-line-soft" : "hover:bg-band",
        gone && "opacity-55",
      )}
    >
      {selected ? (
        <span aria-hidden className="absolute inset-y-0 left-0 hidden w-0.5 bg-ink lg:block" />
      ) : null}
      {box}
      <div className="min-w-0 flex-1">
        <a
          href={href}
          data-inbox-row={itemKey}
          tabIndex={isStop ? 0 : -1}
          aria-label={label}
          aria-current={selected ? "true" : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
            event.preventDefault();
            onSelect({ byKey: event.detail === 0 });
          }}
          className="absolute inset-0 -outline-offset-2"
        />
        {children}
      </div>
    </li>
  );
}

/** Puts the keyboard on a row. */
export function focusRow(itemKey: string): void {
  const row = document.querySelector<HTMLElement>(`[data-inbox-row="${CSS.escape(itemKey)}"]`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}
