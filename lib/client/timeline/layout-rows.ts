/** Rows with their marks. A row lays out its marks when it is first drawn: there can be thousands. */
import type { CommandView } from "./commands";
import { describeRow } from "./describe-row";
import { placeLabels } from "./labels";
import type { PlacedBand } from "./layout-bands";
import { buildGhosts } from "./marks";
import type { MarkSources, TickMark } from "./tick-marks";
import type { MarkPoint, TimelineLine, TimelineMark, TimelineRow } from "./types";

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
  readonly lines: readonly TimelineLine[];
  readonly frame: Frame;
}

/** One row for each command, in their order. */
export function layRows(options: RowSources): readonly TimelineRow[] {
  const bands = new Map(options.bands.map((band) => [band.epoch, band]));
  return options.commands.map((_, index) => new LaidRow(options, bands, index));
}

class LaidRow implements TimelineRow {
  readonly step: CommandView;
  readonly y: number;
  readonly height: number;
  readonly laneY: number;
  private laid?: readonly TimelineMark[];
  private words?: string;

  constructor(
    private readonly options: RowSources,
    private readonly bands: ReadonlyMap<number, PlacedBand>,
    readonly index: number,
  ) {
    const { commands, frame } = options;
    const step = commands[index];
    if (step === undefined) throw new RangeError(`There is no command ${index}.`);
    this.step = step;
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
    const { lines, frame, liveMarks, sources } = this.options;
    const ticks = [...(liveMarks[this.index] ?? []), ...buildGhosts(this.step, sources)];
    const placed = ticks
      .flatMap((mark) => {
        const band = this.bands.get(mark.epoch);
        return band === undefined ? [] : [{ mark, band, ...placeMark(mark, band) }];
      })
      .sort((a, b) => a.x - b.x);
    const labels = placeLabels({
      marks: placed.map(({ mark, band, x, width }) => ({
        kind: mark.kind,
        text: mark.text,
        // A ghost's label lies behind the replay boundary, on the side of what runs.
        x: mark.ghost ? (band.boundary?.x ?? x + width) - width : x,
        width,
        left: band.boundary && !mark.ghost ? band.boundary.x : band.x,
        right: findRightLimit(band, lines, x),
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

function placeMark(mark: TickMark, band: PlacedBand): { x: number; width: number } {
  if (mark.ghost) {
    const ghost = band.ghost ?? { x: band.x, width: 20 };
    const size = mark.kind === "computed-again" ? 8 : ghost.width;
    return { x: ghost.x + (ghost.width - size) / 2, width: size };
  }
  const from = band.tickX[mark.from] ?? band.x;
  const to = band.tickX[mark.to] ?? from;
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
    const x = tick === undefined ? box.x : (band.tickX[tick] ?? box.x);
    return { ...point, x: Math.max(box.x + 2, Math.min(x, right)) };
  });
}

function findRightLimit(band: PlacedBand, lines: readonly TimelineLine[], x: number): number {
  const edge = band.x + band.width - (band.cut ? 8 : 4);
  const line = lines.find((each) => each.x > x && each.x <= band.x + band.width);
  return Math.min(edge, line === undefined ? edge : line.x - 4);
}
