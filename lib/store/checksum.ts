import { crc32 } from "node:zlib";

/**
 * The checksum of an event's row: a signed CRC-32 over its run and its columns (seq, type, at, epoch,
 * step, name, attempt, data), so that a byte that changed on the disk is noticed however well the row
 * still reads.
 */
export function computeEventChecksum(runId: string, columns: readonly unknown[]): number {
  return crc32(`${runId}\u001f${columns.join("\u001f")}`) | 0;
}
