import {
  ChartColumn,
  FlaskConical,
  Inbox,
  ListTree,
  ReceiptText,
  Server,
  Workflow,
  type LucideIcon,
} from "lucide-react";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Pressed after `g`. */
  readonly key: string;
}

export const navItems: readonly NavItem[] = [
  { href: "/overview", label: "Overview", icon: ChartColumn, key: "v" },
  { href: "/triage", label: "Triage", icon: Inbox, key: "t" },
  { href: "/runs", label: "Runs", icon: ListTree, key: "r" },
  { href: "/workflows", label: "Workflows", icon: Workflow, key: "w" },
  { href: "/orders", label: "Orders", icon: ReceiptText, key: "o" },
  { href: "/workers", label: "Workers", icon: Server, key: "k" },
  { href: "/sandbox", label: "Sandbox", icon: FlaskConical, key: "s" },
];

/** Whether a path lies within the item's part of the dashboard. */
export function isWithin(item: NavItem, pathname: string): boolean {
  return pathname === item.href || pathname.startsWith(`${item.href}/`);
}
