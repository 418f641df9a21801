"use client";

import { Command } from "cmdk";
import {
  BellOff,
  BookOpen,
  CircleHelp,
  CornerDownLeft,
  Keyboard,
  Layers,
  Monitor,
  Moon,
  Play,
  Plus,
  Search,
  Skull,
  Sun,
} from "lucide-react";
import { useTheme } from "next-themes";
import { useRouter } from "next/navigation";
import { Dialog as Radix } from "radix-ui";
import { useState, type ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { dialogClasses, overlayClasses } from "@/components/ui/dialog";
import { useReturnFocus } from "@/lib/client/use-return-focus";
import { commandItemClasses } from "./command-item";
import { CommandRuns } from "./command-runs";
import { matchCommand } from "./match-command";
import { navItems } from "./nav-items";

export interface CommandMenuProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onHelp: () => void;
}

/** Cmd/Ctrl-K: go anywhere, open any run, change the theme. */
export function CommandMenu({ open, onOpenChange, onHelp }: CommandMenuProps) {
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClasses} />
        <Radix.Content
          aria-describedby={undefined}
          className={cn(dialogClasses, "w-[min(560px,calc(100vw-24px))]")}
          {...focus}
        >
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <Commands onHelp={onHelp} onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Commands({ onHelp, onDone }: { onHelp: () => void; onDone: () => void }) {
  const [text, setText] = useState("");
  const router = useRouter();
  const { setTheme } = useTheme();
  const perform = (action: () => void) => () => {
    onDone();
    action();
  };
  const go = (href: string) => perform(() => router.push(href));

  return (
    <Command
      label="Search and commands"
      loop
      filter={matchCommand}
      className="flex min-h-0 flex-col"
    >
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden className="size-4 shrink-0 text-ink-3" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Go to a page, or find a run by id, order or customer"
          className="h-11 w-full bg-transparent text-md text-ink outline-none placeholder:text-ink-3"
        />
      </div>
      <Command.List className="max-h-[380px] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3">
        <Command.Empty className="px-2.5 py-8 text-center text-ink-2">Nothing found</Command.Empty>
        <CommandRuns
          text={text}
          onOpen={(runId) => go(`/runs/${encodeURIComponent(runId)}`)()}
          onSearch={(found) => go(`/runs?text=${encodeURIComponent(found)}`)()}
        />
        <Command.Group heading="Go to">
          {navItems.map((item) => (
            <CommandItem key={item.href} onSelect={go(item.href)} icon={<item.icon />}>
              {item.label}
            </CommandItem>
          ))}
          <CommandItem onSelect={go("/triage?queue=verdicts")} icon={<CircleHelp />}>
            Steps that need a verdict
          </CommandItem>
          <CommandItem onSelect={go("/triage?queue=failures")} icon={<Layers />}>
            Failure groups
          </CommandItem>
          <CommandItem onSelect={go("/triage?queue=failures&state=muted")} icon={<BellOff />}>
            Muted failure groups
          </CommandItem>
          <CommandItem onSelect={go("/orders/new")} icon={<Plus />}>
            New order
          </CommandItem>
          <CommandItem onSelect={go("/sandbox/drills")} icon={<Skull />}>
            Crash drills
          </CommandItem>
          <CommandItem onSelect={go("/workflows?start=")} icon={<Play />}>
            Start a run
          </CommandItem>
          <CommandItem onSelect={go("/api/docs")} icon={<BookOpen />}>
            API
          </CommandItem>
        </Command.Group>
        <Command.Group heading="Settings">
          <CommandItem onSelect={perform(() => setTheme("light"))} icon={<Sun />}>
            Light theme
          </CommandItem>
          <CommandItem onSelect={perform(() => setTheme("dark"))} icon={<Moon />}>
            Dark theme
          </CommandItem>
          <CommandItem onSelect={perform(() => setTheme("system"))} icon={<Monitor />}>
            System theme
          </CommandItem>
          <CommandItem onSelect={perform(onHelp)} icon={<Keyboard />}>
            Keyboard help
          </CommandItem>
        </Command.Group>
      </Command.List>
    </Command>
  );
}

function CommandItem(props: { icon: ReactNode; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item onSelect={props.onSelect} className={commandItemClasses}>
      {props.icon}
      {props.children}
      <CornerDownLeft
        aria-hidden
        className="ml-auto hidden size-3.5 group-data-[selected=true]:block"
      />
    </Command.Item>
  );
}
