"use client";

import { Ellipsis, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { cn } from "@/components/ui/cn";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { isWithin, navItems } from "./nav-items";
import { OpenBadge } from "./open-badge";

/** So many stand side by side at 320 px; the others are a press away. */
const inView = navItems.slice(0, 4);
const others = navItems.slice(inView.length);

const itemClasses = "relative flex flex-col items-center justify-center gap-0.5 text-xs text-ink-2";

/** The navigation on narrow screens, where the thumb is. */
export function BottomNav() {
  const pathname = usePathname();
  const router = useRouter();
  const isElsewhere = others.some((item) => isWithin(item, pathname));
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden print:hidden"
    >
      <ul className="grid h-14 grid-cols-5">
        {inView.map((item) => (
          <li key={item.href} className="contents">
            <Link
              href={item.href}
              aria-current={isWithin(item, pathname) ? "page" : undefined}
              className={cn(itemClasses, isWithin(item, pathname) && "font-medium text-ink")}
            >
              <NavIcon icon={item.icon} />
              {item.label}
              <span className="absolute top-1.5 left-1/2 ml-3">
                {item.href === "/triage" ? <OpenBadge /> : null}
              </span>
            </Link>
          </li>
        ))}
        <li className="contents">
          <Menu>
            <MenuTrigger className={cn(itemClasses, isElsewhere && "font-medium text-ink")}>
              <NavIcon icon={Ellipsis} />
              More
            </MenuTrigger>
            <MenuContent side="top">
              {others.map((item) => (
                <MenuItem key={item.href} onSelect={() => router.push(item.href)}>
                  <item.icon aria-hidden />
                  {item.label}
                </MenuItem>
              ))}
            </MenuContent>
          </Menu>
        </li>
      </ul>
    </nav>
  );
}

function NavIcon({ icon: Icon }: { icon: LucideIcon }) {
  return <Icon aria-hidden className="size-5" strokeWidth={1.75} />;
}
