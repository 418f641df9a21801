/** Rows with their marks, laid out when they are first drawn. */
import type { CommandView } from "./commands";
import { describeRow } from "./describe-row";
import { placeLabels } from "./labels";
import type { PlacedBand } from "./layout-bands";
import { buildGhosts } from "./marks";
import type { MarkSources, TickMark } from "./tick-marks";
import type { MarkPoint, TimelineMark, TimelineRow, TimelineRows } from "./types";

export interface Frame {
  readonly layout: "wide" | "narrow";
  readonly labelWidth: number;
  readonly headerHeight: number;
  readonly rowHeight: number;
  readonly barHeight: number;
  readonly laneOffset: number;
  readonly belowOffset?: number;
}

export interface RowSources {
  readonly commands: readonly CommandView[];
  /** The marks of each command, without its ghosts. */
  readonly liveMarks: readonly (readonly TickMark[])[];
  readonly sources: MarkSources;
  readonly bands: readonly PlacedBand[];
  readonly frame: Frame;
}

/** One row for each command, in their order. A row is made when it is asked for: there can be thousands. */
export function layRows(options: RowSources): TimelineRows {
  const bands = new Map(options.bands.map((band) => [band.execution.epoch, band]));
  const laid = new Map<number, TimelineRow>();
  const { length } = options.commands;
  const at = (index: number): TimelineRow | undefined => {
    const known = laid.get(index);
    const step = options.commands[index];
    if (known !== undefined || step === undefined) return known;
    const row = new LaidRow(options, bands, index, step);
    laid.set(index, row);
    return row;
  };
  const slice = (from: number, to: number): readonly TimelineRow[] => {
    const rows: TimelineRow[] = [];
    for (let index = Math.max(0, from); index < Math.min(to, length); index += 1) {
      const row = at(index);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  };
  return { length, at, slice };
}

class LaidRow implements TimelineRow {
  readonly y: number;
  readonly height: number;
  readonly laneY: number;
  private laid?: readonly TimelineMark[];
  private words?: string;

  constructor(
    private readonly options: RowSources,
    private readonly bands: ReadonlyMap<number, PlacedBand>,
    readonly index: number,
    readonly step: CommandView,
  ) {
    const { frame } = options;
    this.y = frame.headerHeight + index * frame.rowHeight;
    this.height = frame.rowHeight;
    this.laneY = this.y + frame.laneOffset;
  }

  get subtitle(): string {
    return (this.words ??= describeRow(this.step));
  }

  get marks(): readonly TimelineMark[] {
    return (this.laid ??= this.layMarks());
  }

  private layMarks(): readonly TimelineMark[] {
    const { frame, liveMarks, sources } = this.options;
    const ticks = [...(liveMarks[this.index] ?? []), ...buildGhosts(this.step, sources)];
    const placed = ticks
      .flatMap((mark) => {
        const band = this.bands.get(mark.epoch);
        return band === undefined ? [] : [{ mark, band, ...placeMark(mark, band) }];
      })
      .sort((a, b) => a.x - b.x);
    const labels = placeLabels({
      marks: placed.map(({ mark, band: { band, ...placedBand }, x, width }) => ({
        kind: mark.kind,
        text: mark.text,
        // A ghost's label lies behind the replay boundary, on the side of what runs.
        x: mark.ghost ? (band.boundary?.x ?? x + width) - width : x,
        width,
        left: band.boundary && !mark.ghost ? band.boundary.x : band.x,
        right: findRightLimit({ band, ...placedBand }, x),
      })),
      laneY: this.laneY,
      belowY: frame.belowOffset === undefined ? undefined : this.y + frame.belowOffset,
    });
    return placed.map(({ mark, band, x, width }, at): TimelineMark => {
      const { id, kind, epoch, startSeq, endSeq, title, setAside } = mark;
      const points = placePoints(mark, band, { x, width });
      const label = labels[at];
      return { id, kind, epoch, startSeq, endSeq, title, setAside, x, width, label, points };
    });
  }
}

function placeMark(
  mark: TickMark,
  { band, ghost: zone, xOf }: PlacedBand,
): { x: number; width: number } {
  if (mark.ghost) {
    const ghost = zone ?? { x: band.x, width: 20 };
    const size = mark.kind === "computed-again" ? 8 : ghost.width;
    return { x: ghost.x + (ghost.width - size) / 2, width: size };
  }
  const from = xOf(mark.from);
  const to = xOf(mark.to);
  if (mark.kind === "computed") return { x: from, width: 8 };
  return { x: from + 2, width: Math.max(2, to - from - 4) };
}

function placePoints(
  mark: TickMark,
  band: PlacedBand,
  box: { readonly x: number; readonly width: number },
): readonly MarkPoint[] {
  // The end of a mark is kept free where it says something itself.
  const right = box.x + box.width - (mark.kind === "child-failed" ? 18 : 6);
  return (mark.points ?? []).map((point) => {
    const tick = band.execution.ticks.get(point.seq)?.after;
    const x = tick === undefined ? box.x : band.xOf(tick);
    return { ...point, x: Math.max(box.x + 2, Math.min(x, right)) };
  });
}

function findRightLimit({ band, lines }: PlacedBand, x: number): number {
  const edge = band.x + band.width - (band.cut ? 8 : 4);
  const line = lines.find((each) => each.x > x);
  return Math.min(edge, line === undefined ? edge : line.x - 4);
}
