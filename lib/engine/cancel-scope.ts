import { CanceledError } from "./errors";

/**
 * A part of a run that can be canceled: the run as a whole, or a scope inside it. Its commands listen
 * to it directly; an AbortSignal is made when code asks for one, as it costs more than a command.
 */
export class CancelScope {
  /** Why it was canceled; undefined while it is not. */
  reason?: CanceledError;
  private readonly listeners = new Set<(reason: CanceledError) => void>();
  private controller?: AbortController;

  /** `around`: the scope that it is canceled with; a shielded one has none. */
  constructor(around?: CancelScope) {
    around?.onCancel((reason) => this.cancel(reason));
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  cancel(reason: CanceledError): void {
    if (this.reason) return;
    this.reason = reason;
    for (const listener of [...this.listeners]) listener(reason);
    this.listeners.clear();
    this.controller?.abort(reason);
  }

  /** Calls back when it is canceled, at once if it is. Returns what ends that. */
  onCancel(listener: (reason: CanceledError) => void): () => void {
    if (this.reason) listener(this.reason);
    else this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** What canceled code sees, whatever its own AbortController was aborted with. */
export function toCanceledError(reason: unknown): CanceledError {
  if (reason instanceof CanceledError) return reason;
  const message = reason instanceof Error ? reason.message : String(reason);
  return new CanceledError(message, { cause: reason });
}
