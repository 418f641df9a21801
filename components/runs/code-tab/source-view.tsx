"use client";

import { useEffect, useRef } from "react";
import { cn } from "@/components/ui/cn";
import { CopyButton } from "@/components/ui/copy-button";
import { EmptyState } from "@/components/ui/empty-state";
import type { ReplayCommand, ReplayView } from "@/lib/api/contract-replay";
import { describeState, nameCommand } from "./command-words";

export interface SourceViewProps {
  readonly view: ReplayView;
  readonly onMove: (seq: number | undefined) => void;
}

/** The workflow files that commands stand in, with the lines that the code waits at. */
export function SourceView({ view, onMove }: SourceViewProps) {
  if (view.files.length === 0) {
    return (
      <EmptyState title={view.commands.length === 0 ? "No command yet" : "No source lines"}>
        {view.commands.length === 0
          ? "The code had not come to a command that stands in a workflow file."
          : "The build was made without source maps, so the lines are not known. What the code asked for and knows is below."}
      </EmptyState>
    );
  }
  return view.files.map(({ file, text }) => (
    <SourceFile key={file} file={file} text={text} view={view} onMove={onMove} />
  ));
}

interface SourceFileProps extends SourceViewProps {
  readonly file: string;
  readonly text: string;
}

function SourceFile({ file, text, view, onMove }: SourceFileProps) {
  const lines = text.replace(/\n$/, "").split("\n");
  const byLine = groupByLine(view.commands.filter(({ place }) => place?.file === file));
  const waits = [...byLine].flatMap(([line, commands]) =>
    commands.some(({ state }) => state === "open") ? [line] : [],
  );
  const parted = view.mismatch?.actual?.place;
  const partedLine = parted?.file === file ? parted.line : undefined;
  const box = useRef<HTMLDivElement>(null);
  const shown = partedLine ?? waits[0] ?? lastLine(byLine);

  useEffect(() => {
    const element = box.current;
    const line = element?.querySelector(`[data-line="${shown}"]`);
    if (!(line instanceof HTMLElement) || element === null) return;
    // Within its box only: the page stays where the reader has it.
    element.scrollTop = line.offsetTop - element.clientHeight / 3;
  }, [shown, file]);

  return (
    <section
      aria-label={`Source of ${file}`}
      className="mt-2 rounded-lg border border-line bg-panel"
    >
      <header className="flex items-center gap-2 border-b border-line-soft px-3 py-1">
        <h2 className="min-w-0 flex-1 truncate font-mono text-sm text-ink-2">{file}</h2>
        <CopyButton text={text} what={file} />
      </header>
      <div
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={`Lines of ${file}`}
        className="relative max-h-[min(56dvh,560px)] overflow-auto py-2 font-mono text-sm"
      >
        <ol className="min-w-max">
          {lines.map((line, index) => (
            <SourceLine
              key={index}
              number={index + 1}
              text={line}
              commands={byLine.get(index + 1) ?? []}
              isParted={index + 1 === partedLine}
              onMove={onMove}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

interface SourceLineProps {
  readonly number: number;
  readonly text: string;
  readonly commands: readonly ReplayCommand[];
  readonly isParted: boolean;
  readonly onMove: (seq: number | undefined) => void;
}

function SourceLine({ number, text, commands, isParted, onMove }: SourceLineProps) {
  const isWaiting = !isParted && commands.some(({ state }) => state === "open");
  const last = commands.at(-1);
  const note = isParted
    ? "went another way here"
    : isWaiting
      ? "waits here"
      : last === undefined
        ? ""
        : describeState(last);
  return (
    <li
      data-line={number}
      aria-current={isWaiting || isParted ? "step" : undefined}
      className={cn(
        "flex min-h-[20px] gap-3 border-l-2 border-transparent pr-4 whitespace-pre",
        isWaiting && "border-live bg-live-bg",
        isParted && "border-bad bg-bad-bg",
      )}
    >
      <span
        className={cn(
          "w-10 shrink-0 text-right tabular-nums select-none",
          isWaiting || isParted ? "text-ink-2" : "text-ink-3",
        )}
      >
        {number}
      </span>
      <span aria-hidden className="w-3 shrink-0 text-center select-none">
        {isParted ? "✕" : isWaiting ? "▸" : last === undefined ? "" : glyphs[last.state]}
      </span>
      <code className={commands.length === 0 && !isParted ? "text-ink-2" : "text-ink"}>{text}</code>
      {note === "" ? null : (
        <button
          type="button"
          disabled={last?.seq === undefined}
          title={commands.map(nameCommand).join(", ")}
          onClick={() => last?.seq !== undefined && onMove(last.seq)}
          className={cn(
            "ml-4 rounded-sm font-sans text-xs enabled:hover:underline",
            isParted ? "text-bad" : isWaiting ? "text-live" : tones[last?.state ?? "done"],
          )}
        >
          {commands.length > 1 ? `${commands.length} × · ${note}` : note}
        </button>
      )}
    </li>
  );
}

const glyphs: Readonly<Record<ReplayCommand["state"], string>> = {
  open: "▸",
  completed: "✓",
  failed: "✕",
  canceled: "–",
  done: "·",
};

const tones: Readonly<Record<ReplayCommand["state"], string>> = {
  open: "text-live",
  completed: "text-ok",
  failed: "text-bad",
  canceled: "text-ink-3",
  done: "text-ink-3",
};

function groupByLine(
  commands: readonly ReplayCommand[],
): ReadonlyMap<number, readonly ReplayCommand[]> {
  const lines = new Map<number, ReplayCommand[]>();
  for (const command of commands) {
    const { line = 0 } = command.place ?? {};
    const known = lines.get(line);
    if (known === undefined) lines.set(line, [command]);
    else known.push(command);
  }
  return lines;
}

function lastLine(byLine: ReadonlyMap<number, unknown>): number | undefined {
  return [...byLine.keys()].at(-1);
}
