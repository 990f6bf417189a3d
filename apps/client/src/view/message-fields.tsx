/** The fields of an Application Message, for publishing, the Will Message and requests. */
import { TYPED_FORMATS } from "../model/parse-payload.js";
import type { PublishFields } from "../model/publish-fields.js";
import { bindFields } from "./bind-fields.js";
import { AreaField, CheckField, FieldRow, NumberField, SelectField, TextField } from "./field.js";

const QOS = [
  [0, "0"],
  [1, "1"],
  [2, "2"],
] as const;

const FORMATS = TYPED_FORMATS.map(
  (name) => [name, { text: "Text", json: "JSON", hex: "Hex", base64: "Base64" }[name]] as const,
);

interface MessageFieldsProps {
  fields: PublishFields;
  onChange: (fields: Partial<PublishFields>) => void;
  protocolVersion: 3 | 4 | 5;
  /** Before the names, as errors have them. */
  prefix?: string;
  /** Fields that the client fills in itself. */
  isRequest?: boolean;
}

export function MessageFields(props: MessageFieldsProps) {
  const { fields, onChange, protocolVersion, prefix, isRequest = false } = props;
  const field = bindFields(fields, onChange, prefix);
  return (
    <>
      <TextField label="Topic" {...field("topic")} isMono placeholder="home/kitchen/light" />
      <AreaField label="Payload" {...field("payload")} />
      <FieldRow>
        <SelectField label="Typed as" {...field("payloadFormat")} options={FORMATS} />
        <SelectField label="QoS" {...field("qos")} options={QOS} />
        {!isRequest && <CheckField label="Retain" {...field("retain")} />}
      </FieldRow>
      {protocolVersion === 5 && (
        <details>
          <summary>Properties{countSet(fields, isRequest)}</summary>
          <PropertyFields field={field} isRequest={isRequest} />
        </details>
      )}
    </>
  );
}

interface PropertyFieldsProps {
  field: ReturnType<typeof bindFields<PublishFields>>;
  isRequest: boolean;
}

function PropertyFields({ field, isRequest }: PropertyFieldsProps) {
  return (
    <>
      <FieldRow>
        <TextField label="Content type" {...field("contentType")} placeholder="application/json" />
        <NumberField label="Expires after (s)" {...field("messageExpiryInterval")} placeholder="never" />
      </FieldRow>
      <CheckField label="Payload is UTF-8 text" {...field("payloadFormatIndicator")} />
      {!isRequest && (
        <FieldRow>
          <TextField label="Response topic" {...field("responseTopic")} isMono />
          <TextField label="Correlation data" {...field("correlationData")} isMono placeholder="text or 0x…" />
        </FieldRow>
      )}
      <AreaField label="User properties" {...field("userProperties")} rows={2} placeholder="name=value, a line each" />
    </>
  );
}

function countSet(fields: PublishFields, isRequest: boolean): string {
  const { contentType, messageExpiryInterval, payloadFormatIndicator, userProperties } = fields;
  const set = [
    contentType !== "",
    messageExpiryInterval !== undefined,
    payloadFormatIndicator,
    userProperties.trim() !== "",
  ];
  if (!isRequest) set.push(fields.responseTopic !== "", fields.correlationData !== "");
  const count = set.filter(Boolean).length;
  return count === 0 ? "" : ` (${count} set)`;
}
