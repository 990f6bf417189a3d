/** Numbers, times and payloads in short, for cells and labels. */

const DECODER = new TextDecoder();

export function formatTime(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** At most four characters and a unit. */
export function formatShort(count: number): string {
  if (count < 10_000) return formatCount(count);
  return count < 1_000_000 ? `${Math.floor(count / 1_000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** Per second. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  return `${perSecond < 10 ? perSecond.toFixed(1) : formatShort(Math.round(perSecond))}/s`;
}

export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** One line of a payload: text where it is text, hex where it is not. */
export function previewPayload(payload: Uint8Array, charactersMax = 240): string {
  if (payload.length === 0) return "";
  const head = payload.subarray(0, charactersMax);
  const text = DECODER.decode(head, { stream: true });
  DECODER.decode();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells bytes from text
  if (!/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text)) return text.replace(/\s+/g, " ");
  return Array.from(head.subarray(0, 64), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
