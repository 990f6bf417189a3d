/**
 * Moves the few records that still count out of frames that are mostly dead, so that a session that lags behind does not
 * pin the log. Neighbours become one frame in the place of the first: records keep their numbers and their order.
 */
import { ByteWriter } from "./byte-writer.js";
import { recordsOf, writeMovedRecord } from "./frame-record.js";
import { Frame } from "./frame-table.js";
import type { KeyValueChange } from "./key-value-driver.js";
import { frameKey } from "./keys.js";
import type { StoreState } from "./store-state.js";

/** Bytes of a frame, unless one message is larger. */
export const FRAME_BYTES = 32 * 1024;

/** Frames looked at in one step, and bytes of those read. */
const STEP_FRAMES = 512;
const STEP_BYTES = 512 * 1024;

const scratch = new ByteWriter(FRAME_BYTES * 2);

export interface CompactionStep {
  readonly changes: KeyValueChange[];
  /** The frame that replaces the others; undefined: nothing was worth it. */
  readonly frame: Frame | undefined;
  /** Where to go on. */
  readonly next: number;
}

/** Looks at some frames from `from` on and merges the first run of sparse ones. `read` fetches a frame's bytes. */
export function compactFrames(state: StoreState, from: number, read: (frame: Frame) => Uint8Array): CompactionStep {
  const { frames, next } = state.frames.slice(from, STEP_FRAMES);
  const run = sparseRun(frames);
  if (run.length === 0) return { changes: [], frame: undefined, next };
  const merged = merge(run, read);
  state.frames.replace(run, merged);
  for (let index = 0; index < merged.references.length; index++) state.frames.adopt(merged, index);
  const changes: KeyValueChange[] = run.slice(1).map(({ first }) => ({ key: frameKey(first), value: undefined }));
  return { changes, frame: merged, next: from };
}

/** Neighbours that are durable and at most half alive, and small enough together. */
function sparseRun(frames: readonly Frame[]): Frame[] {
  let run: Frame[] = [];
  let bytes = 0;
  let liveBytes = 0;
  for (const frame of frames) {
    const sparse = frame.sealed && frame.content === undefined && frame.liveBytes * 2 <= frame.bytes;
    if (sparse && liveBytes + frame.liveBytes <= FRAME_BYTES && bytes + frame.bytes <= STEP_BYTES) {
      run.push(frame);
      bytes += frame.bytes;
      liveBytes += frame.liveBytes;
      continue;
    }
    if (run.length > 0 || (sparse && frame.bytes > STEP_BYTES)) break;
    run = [];
  }
  return run;
}

function merge(run: readonly Frame[], read: (frame: Frame) => Uint8Array): Frame {
  const { first } = run[0];
  const merged = new Frame(first);
  scratch.clear();
  for (const frame of run) {
    const content = read(frame);
    for (const record of recordsOf(content, frame.first)) {
      const references = frame.references[frame.indexOf(record.number)];
      if (references === 0) continue;
      const start = scratch.length;
      writeMovedRecord(scratch, content, record, first);
      const index = merged.addRecord(record.number);
      merged.references[index] = references;
      merged.lengths[index] = scratch.length - start;
    }
  }
  merged.content = scratch.copy();
  merged.sealed = true;
  return merged;
}
