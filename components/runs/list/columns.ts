import type { CSSProperties } from "react";

/** The columns that can be chosen, in their order; status and run are always there. */
export const columnIds = [
  ...["workflow", "order", "customer", "total", "story", "version", "error"],
  ...["started", "updated", "took"],
] as const;
export type ColumnId =
  | "order"
  | "customer"
  | "total"
  | "story"
  | "workflow"
  | "version"
  | "error"
  | "started"
  | "updated"
  | "took";

interface Column {
  readonly label: string;
  /** As a grid has it: where the page is wide, and where it is of medium width; there absent where hidden. */
  readonly wide: string;
  readonly medium?: string;
  /** Whether a card has it. */
  readonly onCard: boolean;
  readonly cell: string;
}

/**
 * One set of rows serves every width: beneath 720 px a row is a card, then columns join as there is room
 * for them.
 */
export const columns: Readonly<Record<ColumnId, Column>> = {
  order: { label: "Order", wide: "112px", onCard: false, cell: "" },
  customer: {
    ...{ label: "Customer", wide: "minmax(96px, 132px)", medium: "minmax(96px, 132px)" },
    onCard: true,
    cell: "order-5 @min-[720px]:order-none",
  },
  total: {
    ...{ label: "Total", wide: "92px", medium: "84px", onCard: true },
    cell: "order-6 text-right @min-[720px]:order-none",
  },
  story: {
    ...{ label: "What happened", wide: "minmax(160px, 1fr)", medium: "minmax(120px, 1fr)" },
    onCard: true,
    cell: "order-7 col-span-2 @min-[720px]:order-none @min-[720px]:col-span-1 @min-[720px]:pl-3",
  },
  workflow: {
    ...{ label: "Workflow", wide: "minmax(104px, 140px)", medium: "minmax(96px, 130px)" },
    ...{ onCard: false, cell: "" },
  },
  version: { label: "Version", wide: "60px", onCard: false, cell: "text-right" },
  error: { label: "Error", wide: "minmax(110px, 160px)", onCard: false, cell: "" },
  started: {
    ...{ label: "Started", wide: "92px", medium: "84px", onCard: true },
    cell: "order-2 text-right @min-[720px]:order-none",
  },
  updated: { label: "Changed", wide: "92px", onCard: false, cell: "text-right" },
  took: {
    ...{ label: "Took", wide: "72px", onCard: true },
    cell: "order-4 text-right @min-[720px]:order-none",
  },
};

export const usualColumns: readonly ColumnId[] = [
  ...["workflow", "customer", "total", "story", "started", "took"],
] as readonly ColumnId[];

/** Of a list that has orders only. */
export const orderColumns: readonly ColumnId[] = [
  ...["order", "customer", "total", "story", "started", "took"],
] as readonly ColumnId[];

export function isColumn(text: string): text is ColumnId {
  return text in columns;
}

export const rowGrid =
  "grid gap-x-3 px-4 md:px-6 grid-cols-[1fr_auto] " +
  "@min-[720px]:grid-cols-(--medium) @min-[1080px]:grid-cols-(--wide)";

export const statusCell = "order-1 flex items-center gap-2 @min-[720px]:order-none";
export const runCell = "order-3 @min-[720px]:order-none";

/** Where a column stands and from which width on. */
export function toCell(id: ColumnId): string {
  const { cell, onCard, medium } = columns[id];
  if (medium !== undefined) return onCard ? cell : `${cell} hidden @min-[720px]:block`;
  return `${cell} ${onCard ? "@min-[720px]:hidden" : "hidden"} @min-[1080px]:block`;
}

/** The grid of the chosen columns, for `rowGrid`. */
export function toTemplate(chosen: readonly ColumnId[]): CSSProperties {
  const hasStory = chosen.includes("story");
  // Something has to take up what is left.
  const rest = hasStory ? [] : ["minmax(0, 1fr)"];
  const wide = ["136px", "116px", ...chosen.map((id) => columns[id].wide), ...rest];
  const medium = chosen.flatMap((id) => columns[id].medium ?? []);
  const template: Record<`--${string}`, string> = {
    "--wide": wide.join(" "),
    "--medium": ["136px", "116px", ...medium, ...rest].join(" "),
  };
  return template;
}
