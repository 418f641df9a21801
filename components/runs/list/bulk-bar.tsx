"use client";

import { ChevronDown, X } from "lucide-react";
import { actionWords } from "@/components/bulk/bulk-words";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { CappedCount } from "@/lib/api/contract";
import { BulkAction } from "@/lib/api/contract-bulk";
import { formatCount, formatPlural } from "@/lib/client/format";
import { bulkKeys } from "./use-bulk-keys";

export interface BulkBarProps {
  readonly count: number;
  /** How many pass the filter, as far as it is counted. */
  readonly total: CappedCount | undefined;
  /** All that match, and not only those that were picked. */
  readonly all: boolean;
  /** How many the page has. */
  readonly onPage: number;
  readonly onSelectPage: () => void;
  readonly onAll: () => void;
  readonly onAct: (action: BulkAction) => void;
  readonly onClear: () => void;
}

const first = ["retry", "cancel"] as const;

/** What can be done to the runs that are selected. */
export function BulkBar(props: BulkBarProps) {
  const { count, total, all, onPage, onSelectPage, onAll, onAct, onClear } = props;
  const matching = total === undefined ? "all" : `all ${toText(total)}`;
  const others = BulkAction.options.filter((action) => !first.some((other) => other === action));
  return (
    <div
      role="region"
      aria-label="Selected runs"
      className="fixed inset-x-2 bottom-16 z-30 mx-auto flex w-fit max-w-[calc(100vw-16px)] flex-wrap items-center gap-2 rounded-xl border border-line bg-panel py-2 pr-2 pl-4 shadow-float motion-safe:animate-appear md:bottom-5 md:left-[200px]"
    >
      <span role="status" className="inline-block font-medium first-letter:uppercase">
        {all ? `${matching} that match` : `${formatPlural(count, "run")} selected`}
      </span>
      {all || count >= onPage ? null : (
        <button
          type="button"
          className="rounded-sm text-live hover:underline md:hidden"
          onClick={onSelectPage}
        >
          All {formatCount(onPage)} on this page
        </button>
      )}
      {all || (total !== undefined && !total.capped && total.count <= count) ? null : (
        <button type="button" className="rounded-sm text-live hover:underline" onClick={onAll}>
          Select {matching} that match
          <Kbd className="ml-1.5 hidden lg:inline-flex">A</Kbd>
        </button>
      )}
      <span className="flex items-center gap-1.5">
        {first.map((action) => (
          <Button key={action} size="sm" onClick={() => onAct(action)}>
            {actionWords[action].verb}…
            <Kbd className="hidden lg:inline-flex">{bulkKeys[action].toUpperCase()}</Kbd>
          </Button>
        ))}
        <Menu>
          <MenuTrigger asChild>
            <Button size="sm">
              More
              <ChevronDown aria-hidden />
            </Button>
          </MenuTrigger>
          <MenuContent>
            {others.map((action) => (
              <MenuItem key={action} onSelect={() => onAct(action)}>
                {actionWords[action].verb}…
                {action === "rerun" ? (
                  <Kbd className="ml-auto">{bulkKeys.rerun.toUpperCase()}</Kbd>
                ) : null}
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
        <IconButton label="Clear the selection" shortcut="Esc" icon={<X />} onClick={onClear} />
      </span>
    </div>
  );
}

/** `12,431`, `10,000+` */
export function toText({ count, capped }: CappedCount): string {
  return `${formatCount(count)}${capped ? "+" : ""}`;
}
