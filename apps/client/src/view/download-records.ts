/** Hands messages to the browser as a file of JSON lines. */
import { exportLines } from "../model/export-lines.js";
import type { MessageRecord } from "../model/message-record.js";

export function downloadRecords(records: readonly MessageRecord[]): void {
  const blob = new Blob(exportLines(records), { type: "application/x-ndjson" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `messages-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.jsonl`;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
