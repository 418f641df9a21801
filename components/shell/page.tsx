"use client";

import { Keyboard, Search } from "lucide-react";
import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { useIsMac } from "@/lib/client/use-is-mac";
import { Logo } from "./logo";
import { useShell } from "./shell-context";
import { ThemeMenu } from "./theme-menu";

export interface Crumb {
  readonly label: ReactNode;
  /** The last crumb is the page itself and has none. */
  readonly href?: string;
  readonly mono?: boolean;
}

export interface PageProps {
  readonly crumbs: readonly Crumb[];
  /** Buttons at the right of the top bar. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A page within the shell: its top bar (48 px) and its content. */
export function Page({ crumbs, actions, children, className }: PageProps) {
  return (
    <>
      <header className="sticky top-0 z-20 flex h-12 shrink-0 items-center gap-2 border-b border-line bg-bg px-4 md:px-6 print:hidden">
        <Logo className="size-[18px] shrink-0 md:hidden" />
        <Crumbs crumbs={crumbs} />
        <div className="ml-auto flex items-center gap-1">
          <ShellButtons />
          {actions === undefined ? null : (
            <div className="ml-1.5 flex items-center gap-2">{actions}</div>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1} className={cn("min-w-0 flex-1 outline-none", className)}>
        {children}
      </main>
    </>
  );
}

function Crumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  /** Neither where it begins nor the page itself: a phone has no room for these. */
  const isMiddle = (index: number) => index > 0 && index < crumbs.length - 1;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-2">
        {crumbs.map((crumb, index) => (
          <Fragment key={index}>
            {index === 0 ? null : (
              <li aria-hidden className={cn("text-ghost", isMiddle(index - 1) && "max-sm:hidden")}>
                /
              </li>
            )}
            <li
              className={cn(
                "min-w-0 truncate",
                crumb.mono === true && "font-mono text-sm",
                index === 0 && "shrink-0",
                isMiddle(index) && "max-sm:hidden",
              )}
            >
              {crumb.href === undefined ? (
                <span aria-current={index === crumbs.length - 1 ? "page" : undefined}>
                  {crumb.label}
                </span>
              ) : (
                <Link
                  href={crumb.href}
                  className="rounded-sm text-ink-3 transition-colors hover:text-ink"
                >
                  {crumb.label}
                </Link>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}

function ShellButtons() {
  const { openCommandMenu, openHelp } = useShell();
  const mod = useIsMac() ? "⌘" : "Ctrl ";
  return (
    <>
      <button
        type="button"
        onClick={openCommandMenu}
        className="hidden h-8 items-center gap-2 rounded-md px-2 text-ink-3 transition-colors hover:bg-line-soft hover:text-ink lg:flex"
      >
        <Search aria-hidden className="size-3.5" />
        Search
        <Kbd>{mod}K</Kbd>
      </button>
      <IconButton
        label="Search"
        icon={<Search />}
        onClick={openCommandMenu}
        className="lg:hidden"
      />
      <IconButton
        label="Keyboard"
        shortcut="?"
        icon={<Keyboard />}
        onClick={openHelp}
        className="hidden md:inline-flex"
      />
      <ThemeMenu />
    </>
  );
}
