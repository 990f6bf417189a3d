/** The parts of the connection form. */
import type { ConnectionProfile, WillProfile } from "../model/connection-profile.js";
import { AreaField, CheckField, FieldRow, NumberField, SelectField, TextField } from "./field.js";
import { MessageFields } from "./message-fields.js";

export type SetProfile = (fields: Partial<ConnectionProfile>) => void;

interface PartProps {
  profile: ConnectionProfile;
  set: SetProfile;
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
  const { protocolVersion } = profile;
  return (
    <fieldset class="card">
      <legend>Server</legend>
      <FieldRow>
        <TextField label="Name" name="name" value={profile.name} onChange={(name) => set({ name })} />
        <SelectField
          label="MQTT version"
          name="protocolVersion"
          value={protocolVersion}
          options={VERSIONS}
          onChange={(protocolVersion) => set({ protocolVersion })}
        />
      </FieldRow>
      <TextField
        label="Address"
        name="url"
        type="url"
        isMono
        value={profile.url}
        placeholder="wss://example.org/mqtt"
        hint="wss:// is encrypted with TLS; the browser checks the certificate."
        onChange={(url) => set({ url })}
      />
      <TextField
        label="Client identifier"
        name="clientIdentifier"
        isMono
        value={profile.clientIdentifier}
        placeholder="a new one each time"
        onChange={(clientIdentifier) => set({ clientIdentifier })}
      />
      <FieldRow>
        <TextField
          label="User name"
          name="username"
          value={profile.username}
          onChange={(username) => set({ username })}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          value={profile.password}
          onChange={(password) => set({ password })}
        />
      </FieldRow>
      <CheckField
        label="Save the password in this browser, readable"
        name="savePassword"
        value={profile.savePassword}
        onChange={(savePassword) => set({ savePassword })}
      />
      {protocolVersion === 5 && (
        <SelectField
          label="Authentication"
          name="authentication"
          value={profile.authentication}
          options={AUTHENTICATION}
          hint="SCRAM proves the password without sending it; the server has to know it."
          onChange={(authentication) => set({ authentication })}
        />
      )}
    </fieldset>
  );
}

export function SessionFields({ profile, set }: PartProps) {
  const isFive = profile.protocolVersion === 5;
  return (
    <fieldset class="card">
      <legend>Session</legend>
      <FieldRow>
        <NumberField
          label="Keep alive (s)"
          name="keepAlive"
          value={profile.keepAlive}
          onChange={(keepAlive = 0) => set({ keepAlive })}
        />
        <NumberField
          label="Give up connecting after (s)"
          name="connectTimeoutSeconds"
          value={profile.connectTimeoutSeconds}
          onChange={(connectTimeoutSeconds = 10) => set({ connectTimeoutSeconds })}
        />
        {isFive && (
          <NumberField
            label="Session expires after (s)"
            name="sessionExpiryInterval"
            value={profile.sessionExpiryInterval}
            placeholder="default"
            onChange={(sessionExpiryInterval) => set({ sessionExpiryInterval })}
          />
        )}
      </FieldRow>
      <CheckField
        label={isFive ? "Clean Start: begin a new session" : "Clean Session"}
        name="cleanStart"
        value={profile.cleanStart}
        onChange={(cleanStart) => set({ cleanStart })}
      />
      <CheckField
        label="Connect again when the connection is lost"
        name="reconnect"
        value={profile.reconnect}
        onChange={(reconnect) => set({ reconnect })}
      />
      <CheckField
        label="Keep unsent messages in this browser over a reload"
        name="storeSession"
        value={profile.storeSession}
        hint={profile.storeSession ? "Needs a client identifier; use it without Clean Start." : undefined}
        onChange={(storeSession) => set({ storeSession })}
      />
    </fieldset>
  );
}

export function LimitFields({ profile, set }: PartProps) {
  return (
    <details class="card">
      <summary>Limits and properties</summary>
      <FieldRow>
        <NumberField
          label="Receive Maximum"
          name="receiveMaximum"
          value={profile.receiveMaximum}
          placeholder="1024"
          onChange={(receiveMaximum) => set({ receiveMaximum })}
        />
        <NumberField
          label="Maximum Packet Size (bytes)"
          name="maximumPacketSize"
          value={profile.maximumPacketSize}
          placeholder="no limit"
          onChange={(maximumPacketSize) => set({ maximumPacketSize })}
        />
        <NumberField
          label="Topic Alias Maximum"
          name="topicAliasMaximum"
          value={profile.topicAliasMaximum}
          placeholder="default"
          onChange={(topicAliasMaximum) => set({ topicAliasMaximum })}
        />
      </FieldRow>
      <CheckField
        label="Use topic aliases when publishing"
        name="topicAliases"
        value={profile.topicAliases}
        onChange={(topicAliases) => set({ topicAliases })}
      />
      <CheckField
        label="Request Problem Information: reasons as text"
        name="requestProblemInformation"
        value={profile.requestProblemInformation}
        onChange={(requestProblemInformation) => set({ requestProblemInformation })}
      />
      <CheckField
        label="Request Response Information"
        name="requestResponseInformation"
        value={profile.requestResponseInformation}
        onChange={(requestResponseInformation) => set({ requestResponseInformation })}
      />
      <AreaField
        label="User properties"
        name="userProperties"
        rows={2}
        value={profile.userProperties}
        placeholder="name=value, a line each"
        onChange={(userProperties) => set({ userProperties })}
      />
    </details>
  );
}

export function WillFields({ profile, set }: PartProps) {
  const { will, protocolVersion } = profile;
  const setWill = (fields: Partial<WillProfile>): void => set({ will: { ...will, ...fields } });
  return (
    <details class="card" open={will.isEnabled}>
      <summary>Will{will.isEnabled ? "" : " (off)"}</summary>
      <CheckField
        label="Let the server publish a message when this connection is lost"
        name="will.isEnabled"
        value={will.isEnabled}
        onChange={(isEnabled) => setWill({ isEnabled })}
      />
      {will.isEnabled && (
        <>
          <MessageFields prefix="will." fields={will} protocolVersion={protocolVersion} onChange={setWill} />
          {protocolVersion === 5 && (
            <NumberField
              label="Will delay (s)"
              name="will.willDelayInterval"
              value={will.willDelayInterval}
              placeholder="none"
              onChange={(willDelayInterval) => setWill({ willDelayInterval })}
            />
          )}
        </>
      )}
    </details>
  );
}
