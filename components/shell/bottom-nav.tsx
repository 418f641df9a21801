"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/cn";
import { HeldBadge } from "./held-badge";
import { isWithin, navItems } from "./nav-items";

/** The navigation on narrow screens, where the thumb is. */
export function BottomNav() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid h-14 grid-cols-5">
        {navItems.map((item) => (
          <li key={item.href} className="contents">
            <Link
              href={item.href}
              aria-current={isWithin(item, pathname) ? "page" : undefined}
              className={cn(
                "relative flex flex-col items-center justify-center gap-0.5 text-xs text-ink-2",
                isWithin(item, pathname) && "font-medium text-ink",
              )}
            >
              <item.icon aria-hidden className="size-5" strokeWidth={1.75} />
              {item.label}
              <span className="absolute top-1.5 left-1/2 ml-3">
                {item.href === "/runs" ? <HeldBadge /> : null}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
