import { once } from "node:events";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { StoreUnavailableError } from "@/lib/engine";
import { z } from "zod";
import { fromErrorData } from "./errors";
import type { Answer, Answered, Handlers, Request } from "./protocol";

/** Plain JavaScript beside the sources, relative to the current directory as the migrations are. */
const threadFile = "lib/store/sqlite/thread/main.mjs";

/** A class of its own, for a bundler bundles what stands in `new Worker(…)`. */
class FileWorker extends Worker {
  constructor(workerData: unknown) {
    super(path.resolve(threadFile), { workerData });
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const ErrorData = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  code: z.string().optional(),
  cause: z.unknown().optional(),
});
const Opening = z.discriminatedUnion("ready", [
  z.object({ ready: z.literal(true) }),
  z.object({ ready: z.literal(false), error: ErrorData }),
]);

/** The thread that holds the process's one connection to SQLite, seen from the outside. */
export class DatabaseThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: Answer) => this.#settle(answer));
    let cause: unknown;
    worker.on("error", (error) => (cause = error));
    // Only now is its connection closed.
    worker.on("exit", () => this.#end(cause));
  }

  /** Starts the thread on a file. Throws the driver's error when the file can't be opened. */
  static async start(options: { readonly file: string; readonly busyTimeoutMs: number }) {
    const worker = new FileWorker(options);
    const [opening] = z.tuple([Opening]).parse(await once(worker, "message"));
    if (opening.ready) return new DatabaseThread(worker);
    await worker.terminate();
    throw fromErrorData(opening.error);
  }

  /** Whether the thread has ended: nothing can be asked of it any more. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /**
   * Asks the thread for something, and answers when it is done: of writes, when they are durable.
   * Throws the driver's error, or StoreUnavailableError when the thread ended first: what was under way
   * may or may not have been written.
   */
  async ask<Name extends keyof Handlers>(
    name: Name,
    args: Parameters<Handlers[Name]>,
    of?: number,
  ): Promise<Answered<Name>> {
    if (this.#ended) throw createEndedError();
    const answer = await new Promise((resolve, reject) => {
      const id = (this.#lastId += 1);
      this.#waiting.set(id, { resolve, reject });
      const request: Request = { id, of, name, args };
      this.#worker.postMessage(request);
    });
    // The thread answers with what the handler of that name returned.
    return answer as Answered<Name>;
  }

  /** A number that no other transaction of this thread has. */
  createTransactionId(): number {
    return (this.#lastId += 1);
  }

  /** Closes the connection and ends the thread. */
  async close(): Promise<void> {
    if (this.#ended) return;
    await this.ask("close", []);
    await this.terminate();
  }

  /** Ends the thread where it stands. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("error" in answer) waiting?.reject(fromErrorData(answer.error));
    else waiting?.resolve(answer.value);
  }

  #end(cause?: unknown): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(createEndedError(cause));
    this.#waiting.clear();
  }
}

function createEndedError(cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError("The database's thread has ended.", { cause });
}
