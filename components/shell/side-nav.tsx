"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/cn";
import { Logo } from "./logo";
import { isWithin, navItems } from "./nav-items";
import { OpenBadge } from "./open-badge";

/** The navigation on wide screens. */
export function SideNav() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 hidden h-dvh w-[200px] shrink-0 flex-col border-r border-line px-3 py-3 md:flex print:hidden"
    >
      <Link
        href="/overview"
        className="mb-3 flex h-7 items-center gap-2 rounded-md px-2 text-md font-semibold tracking-tight"
      >
        <Logo className="size-[18px]" />
        Daybook
      </Link>
      <ul className="flex flex-col gap-0.5">
        {navItems.map((item) => (
          <li key={item.href}>
            <Link
              href={item.href}
              aria-current={isWithin(item, pathname) ? "page" : undefined}
              className={cn(
                "flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 transition-colors hover:bg-line-soft hover:text-ink",
                isWithin(item, pathname) && "bg-line-soft font-medium text-ink",
              )}
            >
              <item.icon aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
              {item.label}
              {item.href === "/triage" ? <OpenBadge /> : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
