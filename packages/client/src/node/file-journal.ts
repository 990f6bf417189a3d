/**
 * A journal in one file. Each batch stands behind its length and a checksum, so that one that was cut by a crash is known and
 * left out; what is put in the place of everything is written beside it and renamed.
 */
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "../journal/crc-32.js";
import type { JournalMedium } from "../journal/journal-medium.js";

const HEADER_BYTES = 8;

export class FileJournal implements JournalMedium {
  private file: FileHandle | undefined;
  /** Where the next batch goes. */
  private end = 0;

  /** `sync`: a batch is on the disk, not just with the operating system, when it is said to be there. */
  constructor(
    private readonly path: string,
    private readonly sync: boolean,
  ) {}

  async read(): Promise<Uint8Array[]> {
    await mkdir(dirname(this.path), { recursive: true });
    await (await open(this.path, "a")).close(); // makes it where there is none
    const file = await open(this.path, "r+");
    this.file = file;
    const bytes = await readFile(this.path);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const batches: Uint8Array[] = [];
    while (this.end + HEADER_BYTES <= bytes.length) {
      const length = view.getUint32(this.end);
      const start = this.end + HEADER_BYTES;
      if (start + length > bytes.length) break;
      const batch = bytes.subarray(start, start + length);
      if (crc32(batch) !== view.getUint32(this.end + 4)) break;
      batches.push(batch);
      this.end = start + length;
    }
    await file.truncate(this.end);
    return batches;
  }

  async append(batch: Uint8Array): Promise<void> {
    const file = this.opened();
    await writeAll(file, framed(batch), this.end);
    if (this.sync) await file.datasync();
    this.end += HEADER_BYTES + batch.length;
  }

  async replace(batch: Uint8Array): Promise<void> {
    const temporary = `${this.path}.new`;
    const file = await open(temporary, "w");
    try {
      await writeAll(file, framed(batch), 0);
      if (this.sync) await file.datasync();
      await rename(temporary, this.path);
    } catch (error) {
      await file.close();
      throw error;
    }
    if (this.sync) await syncDirectory(dirname(this.path));
    await this.file?.close();
    this.file = file;
    this.end = HEADER_BYTES + batch.length;
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    if (file === undefined) return;
    if (this.sync) await file.datasync();
    await file.close();
  }

  private opened(): FileHandle {
    if (this.file === undefined) throw new Error(`the journal ${this.path} is not open`);
    return this.file;
  }
}

function framed(batch: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + batch.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, batch.length);
  view.setUint32(4, crc32(batch));
  bytes.set(batch, HEADER_BYTES);
  return bytes;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** So that a rename outlives a power cut, where directories can be opened at all. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, "r");
    await directory.sync().finally(() => directory.close());
  } catch {
    // Windows has no such thing.
  }
}
