/** The fields of an Application Message, for publishing, the Will Message and requests. */
import { TYPED_FORMATS } from "../model/parse-payload.js";
import type { PublishFields } from "../model/publish-fields.js";
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

export function MessageFields({
  fields,
  onChange,
  protocolVersion,
  prefix = "",
  isRequest = false,
}: MessageFieldsProps) {
  return (
    <>
      <TextField
        label="Topic"
        name={`${prefix}topic`}
        value={fields.topic}
        isMono
        placeholder="home/kitchen/light"
        onChange={(topic) => onChange({ topic })}
      />
      <AreaField
        label="Payload"
        name={`${prefix}payload`}
        value={fields.payload}
        onChange={(payload) => onChange({ payload })}
      />
      <FieldRow>
        <SelectField
          label="Typed as"
          name={`${prefix}payloadFormat`}
          value={fields.payloadFormat}
          options={FORMATS}
          onChange={(payloadFormat) => onChange({ payloadFormat })}
        />
        <SelectField
          label="QoS"
          name={`${prefix}qos`}
          value={fields.qos}
          options={QOS}
          onChange={(qos) => onChange({ qos })}
        />
        {!isRequest && (
          <CheckField
            label="Retain"
            name={`${prefix}retain`}
            value={fields.retain}
            onChange={(retain) => onChange({ retain })}
          />
        )}
      </FieldRow>
      {protocolVersion === 5 && (
        <details>
          <summary>Properties{countSet(fields, isRequest)}</summary>
          <PropertyFields fields={fields} onChange={onChange} prefix={prefix} isRequest={isRequest} />
        </details>
      )}
    </>
  );
}

function PropertyFields({ fields, onChange, prefix, isRequest }: Omit<MessageFieldsProps, "protocolVersion">) {
  return (
    <>
      <FieldRow>
        <TextField
          label="Content type"
          name={`${prefix}contentType`}
          value={fields.contentType}
          placeholder="application/json"
          onChange={(contentType) => onChange({ contentType })}
        />
        <NumberField
          label="Expires after (s)"
          name={`${prefix}messageExpiryInterval`}
          value={fields.messageExpiryInterval}
          placeholder="never"
          onChange={(messageExpiryInterval) => onChange({ messageExpiryInterval })}
        />
      </FieldRow>
      <CheckField
        label="Payload is UTF-8 text"
        name={`${prefix}payloadFormatIndicator`}
        value={fields.payloadFormatIndicator}
        onChange={(payloadFormatIndicator) => onChange({ payloadFormatIndicator })}
      />
      {!isRequest && (
        <FieldRow>
          <TextField
            label="Response topic"
            name={`${prefix}responseTopic`}
            value={fields.responseTopic}
            isMono
            onChange={(responseTopic) => onChange({ responseTopic })}
          />
          <TextField
            label="Correlation data"
            name={`${prefix}correlationData`}
            value={fields.correlationData}
            isMono
            placeholder="text or 0x…"
            onChange={(correlationData) => onChange({ correlationData })}
          />
        </FieldRow>
      )}
      <AreaField
        label="User properties"
        name={`${prefix}userProperties`}
        rows={2}
        value={fields.userProperties}
        placeholder="name=value, a line each"
        onChange={(userProperties) => onChange({ userProperties })}
      />
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
