/** The parts of the connection form. */
import type { ConnectionProfile, WillProfile } from "../model/connection-profile.js";
import { bindFields } from "./bind-fields.js";
import { AreaField, CheckField, FieldRow, NumberField, SelectField, TextField } from "./field.js";
import { MessageFields } from "./message-fields.js";

interface PartProps {
  profile: ConnectionProfile;
  set: (fields: Partial<ConnectionProfile>) => void;
}

const VERSIONS = [
  [5, "5.0, or 3.1.1 with an old server"],
  [4, "3.1.1"],
  [3, "3.1"],
] as const;

const AUTHENTICATION = [
  ["password", "password in CONNECT"],
  ["scram-sha-256", "SCRAM-SHA-256"],
] as const;

export function AddressFields({ profile, set }: PartProps) {
  const field = bindFields(profile, set);
  return (
    <fieldset class="card">
      <legend>Server</legend>
      <FieldRow>
        <TextField label="Name" {...field("name")} />
        <SelectField label="MQTT version" {...field("protocolVersion")} options={VERSIONS} />
      </FieldRow>
      <TextField
        label="Address"
        {...field("url")}
        type="url"
        isMono
        placeholder="wss://example.org/mqtt"
        hint="wss:// is encrypted with TLS; the browser checks the certificate."
      />
      <TextField label="Client identifier" {...field("clientIdentifier")} isMono placeholder="a new one each time" />
      <FieldRow>
        <TextField label="User name" {...field("username")} />
        <TextField label="Password" {...field("password")} type="password" />
      </FieldRow>
      <CheckField label="Save the password in this browser, readable" {...field("savePassword")} />
      {profile.protocolVersion === 5 && (
        <SelectField
          label="Authentication"
          {...field("authentication")}
          options={AUTHENTICATION}
          hint="SCRAM proves the password without sending it; the server has to know it."
        />
      )}
    </fieldset>
  );
}

export function SessionFields({ profile, set }: PartProps) {
  const field = bindFields(profile, set);
  const isFive = profile.protocolVersion === 5;
  return (
    <fieldset class="card">
      <legend>Session</legend>
      <FieldRow>
        <NumberField label="Keep alive (s)" {...field("keepAlive")} onChange={(keepAlive = 0) => set({ keepAlive })} />
        <NumberField
          label="Give up connecting after (s)"
          {...field("connectTimeoutSeconds")}
          onChange={(connectTimeoutSeconds = 10) => set({ connectTimeoutSeconds })}
        />
        {isFive && (
          <NumberField label="Session expires after (s)" {...field("sessionExpiryInterval")} placeholder="default" />
        )}
      </FieldRow>
      <CheckField label={isFive ? "Clean Start: begin a new session" : "Clean Session"} {...field("cleanStart")} />
      <CheckField label="Connect again when the connection is lost" {...field("reconnect")} />
      <CheckField
        label="Keep unsent messages in this browser over a reload"
        {...field("storeSession")}
        hint={profile.storeSession ? "Needs a client identifier; use it without Clean Start." : undefined}
      />
    </fieldset>
  );
}

export function LimitFields({ profile, set }: PartProps) {
  const field = bindFields(profile, set);
  return (
    <details class="card">
      <summary>Limits and properties</summary>
      <FieldRow>
        <NumberField label="Receive Maximum" {...field("receiveMaximum")} placeholder="1024" />
        <NumberField label="Maximum Packet Size (bytes)" {...field("maximumPacketSize")} placeholder="no limit" />
        <NumberField label="Topic Alias Maximum" {...field("topicAliasMaximum")} placeholder="default" />
      </FieldRow>
      <CheckField label="Use topic aliases when publishing" {...field("topicAliases")} />
      <CheckField label="Request Problem Information: reasons as text" {...field("requestProblemInformation")} />
      <CheckField label="Request Response Information" {...field("requestResponseInformation")} />
      <AreaField label="User properties" {...field("userProperties")} rows={2} placeholder="name=value, a line each" />
    </details>
  );
}

export function WillFields({ profile, set }: PartProps) {
  const { will, protocolVersion } = profile;
  const setWill = (fields: Partial<WillProfile>): void => set({ will: { ...will, ...fields } });
  const field = bindFields(will, setWill, "will.");
  return (
    <details class="card" open={will.isEnabled}>
      <summary>Will{will.isEnabled ? "" : " (off)"}</summary>
      <CheckField label="Let the server publish a message when this connection is lost" {...field("isEnabled")} />
      {will.isEnabled && (
        <>
          <MessageFields prefix="will." fields={will} protocolVersion={protocolVersion} onChange={setWill} />
          {protocolVersion === 5 && (
            <NumberField label="Will delay (s)" {...field("willDelayInterval")} placeholder="none" />
          )}
        </>
      )}
    </details>
  );
}
