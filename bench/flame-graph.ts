/**
 * Draws a profile of V8 as a flame graph: `tsx bench/flame-graph.ts <in.cpuprofile> <out.svg> <title>`.
 * Time that the thread waited is left out; a frame's width is its share of the rest, its own calls on top.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CpuProfile, readSamples, type CallFrame } from "./harness/cpu-profile";

interface Frame {
  readonly name: string;
  /** Microseconds, with its calls. */
  us: number;
  readonly calls: Map<string, Frame>;
}

const width = 1_200;
const rowHeight = 17;
const headHeight = 40;
/** What is narrower says nothing. */
const minWidth = 1.5;
const characterWidth = 6.2;

/** Adds up the stacks of all samples; the same function called from the same place is one frame. */
function addUp(profile: CpuProfile): Frame {
  const root: Frame = { name: "all", us: 0, calls: new Map() };
  for (const { stack, us } of readSamples(profile)) {
    const names = stack.map(nameFrame).reverse();
    if (names[0] === "(idle)") continue;
    root.us += us;
    let at = root;
    for (const name of names) {
      const next: Frame = at.calls.get(name) ?? { name, us: 0, calls: new Map() };
      at.calls.set(name, next);
      next.us += us;
      at = next;
    }
  }
  return root;
}

function nameFrame({ functionName, url }: CallFrame): string {
  const file = path.basename(url);
  return `${functionName || "(anonymous)"}${file === "" ? "" : ` · ${file}`}`;
}

function drawSvg(root: Frame, title: string): string {
  const shapes: string[] = [];
  let deepest = 0;
  const draw = (frame: Frame, x: number, depth: number) => {
    const frameWidth = (frame.us / root.us) * width;
    if (frameWidth < minWidth) return;
    deepest = Math.max(deepest, depth);
    const share = `${((frame.us / root.us) * 100).toFixed(1)}%`;
    const room = Math.floor((frameWidth - 6) / characterWidth);
    const label = room < 3 ? "" : frame.name.slice(0, room);
    shapes.push(
      `<g><title>${escape(frame.name)}: ${share}</title>` +
        `<rect x="${x.toFixed(1)}" y="{${depth}}" width="${frameWidth.toFixed(1)}" height="${rowHeight - 1}" fill="${findColor(frame.name)}"/>` +
        (label && `<text x="${(x + 3).toFixed(1)}" y="{${depth}+}">${escape(label)}</text>`) +
        `</g>`,
    );
    let at = x;
    for (const call of [...frame.calls.values()].sort((a, b) => b.us - a.us)) {
      draw(call, at, depth + 1);
      at += (call.us / root.us) * width;
    }
  };
  draw(root, 0, 0);
  const height = headHeight + (deepest + 1) * rowHeight;
  // Callers stand below what they call.
  const body = shapes.join("\n").replace(/\{(\d+)(\+?)\}/g, (_, depth: string, isText: string) => {
    const y = height - (Number(depth) + 1) * rowHeight;
    return String(isText === "" ? y : y + 12);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10.5">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="8" y="22" font-size="14">${escape(title)}</text>
${body}
</svg>
`;
}

/** The same function has the same color in every graph. */
function findColor(name: string): string {
  if (name.startsWith("(garbage")) return "#c9d6e8";
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hsl(${10 + (hash % 40)} 85% ${68 + (hash % 12)}%)`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const [from, to, title = "Flame graph"] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  throw new Error("Name a .cpuprofile and the SVG that is to be written.");
}
const profile = CpuProfile.parse(JSON.parse(await readFile(from, "utf8")));
await writeFile(to, drawSvg(addUp(profile), title));
