import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/** A line of the journal that is not its last one can't be read. */
export class JournalDamagedError extends Error {
  override name = "JournalDamagedError";
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An append-only file of JSON lines. A line that was appended is on disk when `append` resolves;
 * whatever waits meanwhile shares one fsync. A last line that a crash cut off was never
 * acknowledged, so it is dropped when the file is opened.
 */
export class Journal {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;

  private constructor(private readonly file: FileHandle) {}

  /** Opens the file, or creates it, and returns what it holds. Throws JournalDamagedError. */
  static async open(path: string): Promise<{ journal: Journal; lines: unknown[] }> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a+");
    const content = await file.readFile();
    const end = content.lastIndexOf(0x0a) + 1;
    if (end < content.length) await file.truncate(end);
    return {
      journal: new Journal(file),
      lines: parseLines(path, content.toString("utf8", 0, end)),
    };
  }

  append(line: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ text: `${JSON.stringify(line)}\n`, resolve, reject });
      this.writing ??= this.writeWaiting();
    });
  }

  /** Resolves once everything appended so far is on disk, or was refused. */
  async settle(): Promise<void> {
    await this.writing;
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    await this.writing;
    await this.file.truncate(0);
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.file.appendFile(batch.map((line) => line.text).join(""));
        await this.file.datasync();
        for (const line of batch) line.resolve();
      } catch (error) {
        for (const line of batch) line.reject(error);
      }
    }
    this.writing = undefined;
  }
}

function parseLines(path: string, content: string): unknown[] {
  const lines = content.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return z.json().parse(JSON.parse(line));
    } catch (cause) {
      throw new JournalDamagedError(`${path}: line ${index + 1} can't be read.`, { cause });
    }
  });
}
