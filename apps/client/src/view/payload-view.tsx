/** A payload in the chosen format, or what changed in it since the previous one on the same topic. */
import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { compareText } from "../model/compare-text.js";
import { type DecodedPayload, decodePayload, PAYLOAD_FORMATS, type PayloadFormat } from "../model/decode-payload.js";
import type { MessageRecord } from "../model/message-record.js";
import { copyText } from "./copy-text.js";
import { formatCount } from "./format.js";
import { Icon } from "./icon.js";

const FORMAT_NAMES: Record<PayloadFormat, string> = {
  auto: "Automatic",
  json: "JSON",
  text: "Text",
  hex: "Hex",
  cbor: "CBOR",
  msgpack: "MessagePack",
};

/** For the whole page: who reads CBOR reads it on every topic. */
const format = signal<PayloadFormat>("auto");
const showsChanges = signal(false);

export function PayloadView({ record, previous }: { record: MessageRecord; previous: MessageRecord | undefined }) {
  const wanted = format.value;
  const decoded = useMemo(() => decodePayload(record, wanted), [record, wanted]);
  const showsDiff = showsChanges.value && previous !== undefined;
  const before = useMemo(
    () => (showsDiff ? decodePayload(previous, wanted) : undefined),
    [showsDiff ? previous : undefined, wanted],
  );
  return (
    <div class="payload">
      <div class="payload-bar">
        <select
          aria-label="Payload format"
          value={wanted}
          onChange={({ currentTarget }) => {
            format.value = PAYLOAD_FORMATS[currentTarget.selectedIndex];
          }}
        >
          {PAYLOAD_FORMATS.map((name) => (
            <option key={name} value={name}>
              {name === "auto" && wanted === "auto" ? `Automatic: ${FORMAT_NAMES[decoded.format]}` : FORMAT_NAMES[name]}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="quiet"
          aria-pressed={showsChanges.value}
          onClick={() => {
            showsChanges.value = !showsChanges.value;
          }}
        >
          Changes
        </button>
        <button
          type="button"
          class="icon-button"
          title="Copy"
          aria-label="Copy payload"
          onClick={() => copyText(decoded.text)}
        >
          <Icon name="copy" />
        </button>
      </div>
      {decoded.error && <p class="field-error">{decoded.error}</p>}
      {showsChanges.value && previous === undefined && (
        <p class="field-hint">There is no earlier value to compare with.</p>
      )}
      {before ? <Changes before={before} after={decoded} /> : <PayloadText text={decoded.text} />}
      {decoded.hiddenBytes > 0 && (
        <p class="field-hint">{formatCount(decoded.hiddenBytes)} more bytes are not shown.</p>
      )}
    </div>
  );
}

/** More would make the browser slow; the whole is in the export. */
const SHOWN_CHARACTERS_MAX = 60_000;

function PayloadText({ text }: { text: string }) {
  if (text === "") return <p class="empty">The payload is empty.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section class="payload-text" tabIndex={0} aria-label="Payload">
      {text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}\n…` : text}
    </section>
  );
}

const MARKS = { same: " ", added: "+", removed: "−", gap: "⋯" } as const;

function Changes({ before, after }: { before: DecodedPayload; after: DecodedPayload }) {
  const lines = useMemo(() => compareText(before.text, after.text), [before.text, after.text]);
  if (lines === undefined) return <p class="field-hint">The two values are too long to compare.</p>;
  if (lines.every(({ kind }) => kind === "same" || kind === "gap")) {
    return (
      <>
        <p class="field-hint">Nothing has changed since the previous value.</p>
        <PayloadText text={after.text} />
      </>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section class="payload-text" tabIndex={0} aria-label="Changes since the previous value">
      {lines.map(({ kind, text }, index) => {
        const line = { class: `line line-${kind}`, key: index };
        const content = `${MARKS[kind]} ${text}\n`;
        if (kind === "added") return <ins {...line}>{content}</ins>;
        if (kind === "removed") return <del {...line}>{content}</del>;
        return <span {...line}>{content}</span>;
      })}
    </section>
  );
}
