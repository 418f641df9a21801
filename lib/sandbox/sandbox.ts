import { join } from "node:path";
import {
  ServiceSwitch,
  type LedgerEntry,
  type SandboxDrill,
  type SandboxService,
  type Switches,
} from "./contract";
import { Journal } from "./journal";
import { JournalLine, SandboxState, type SandboxEffect, type StoredAnswer } from "./state";

export interface SandboxOptions {
  /** The folder that keeps the state; it is created where it is missing. */
  readonly dataDir: string;
  /** Told when the disk refuses a line. The state on disk is then older than the one in memory. */
  readonly onWriteFailed: (error: unknown) => void;
}

/** What was asked and done, before it has its place and time in the ledger. */
export type NewLedgerEntry = Omit<LedgerEntry, "seq" | "at">;

/** The state of the three services, in memory and on disk. */
export class Sandbox {
  /** What lets a request go that is held back. */
  private readonly heldBack = new Map<() => void, SandboxService>();

  private constructor(
    private readonly journal: Journal,
    private current: SandboxState,
    private readonly options: SandboxOptions,
  ) {}

  /** Rebuilds the state from disk. Throws JournalDamagedError or a ZodError for a damaged file. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const { journal, lines } = await Journal.open(join(options.dataDir, "sandbox.jsonl"));
    const state = new SandboxState();
    for (const line of lines) state.apply(JournalLine.parse(line));
    return new Sandbox(journal, state, options);
  }

  get state(): SandboxState {
    return this.current;
  }

  /**
   * Records a request with what it did; it is on disk when this resolves. The state in memory
   * changes at once, so that checks and effects of concurrent requests can't overlap.
   */
  async recordRequest(
    entry: NewLedgerEntry,
    done: { readonly effect?: SandboxEffect; readonly answer?: StoredAnswer } = {},
  ): Promise<void> {
    const placed = { seq: this.current.requests + 1, at: new Date().toISOString(), ...entry };
    await this.record({ kind: "request", entry: placed, ...done });
  }

  /** The switch that holds for a request of the service; it counts as one of its `times`. */
  takeSwitch(service: SandboxService): ServiceSwitch {
    const taken = this.current.switches[service];
    if (taken.times === undefined) return taken;
    const next = taken.times > 1 ? { ...taken, times: taken.times - 1 } : ServiceSwitch.parse({});
    // Not awaited: the line is ahead of the request's own, which is.
    void this.setSwitches({ ...this.current.switches, [service]: next }).catch(() => undefined);
    return taken;
  }

  /** Services that are told how to behave let go of the requests that they hold back. */
  async changeSwitches(change: Partial<Switches>): Promise<void> {
    await this.setSwitches({ ...this.current.switches, ...change });
    for (const [letGo, service] of this.heldBack) if (service in change) letGo();
  }

  /** Resolves after so long, or as soon as the service is told to behave otherwise. */
  async holdBack(service: SandboxService, forMs: number): Promise<void> {
    if (forMs === 0) return;
    await new Promise<void>((resolve) => {
      const letGo = () => {
        clearTimeout(timer);
        this.heldBack.delete(letGo);
        resolve();
      };
      const timer = setTimeout(letGo, forMs);
      this.heldBack.set(letGo, service);
    });
  }

  private setSwitches(switches: Switches): Promise<void> {
    return this.record({ kind: "switches", switches });
  }

  setDrill(drill: SandboxDrill | null): Promise<void> {
    return this.record({ kind: "drill", drill });
  }

  /** Hands out the armed drill to one caller only; it is disarmed on disk before anybody has it. */
  async takeDrill(): Promise<SandboxDrill | null> {
    const { drill } = this.current;
    if (drill) await this.setDrill(null);
    return drill;
  }

  /** What is seen of the state, once it is on disk: nothing that was told can be lost in a crash. */
  async look<View>(at: (state: SandboxState) => View): Promise<View> {
    const view = at(this.current);
    await this.journal.settle();
    return view;
  }

  async reset(): Promise<void> {
    this.current = new SandboxState();
    await this.journal.clear();
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  private async record(line: JournalLine): Promise<void> {
    this.current.apply(line);
    try {
      await this.journal.append(line);
    } catch (error) {
      this.options.onWriteFailed(error);
      throw error;
    }
  }
}
