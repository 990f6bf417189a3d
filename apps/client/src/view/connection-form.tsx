/** Everything that a CONNECT can say. */
import { useSignal } from "@preact/signals";
import { checkProfile, connectOptions } from "../model/connect-options.js";
import type { ConnectionProfile } from "../model/connection-profile.js";
import { connect, deleteProfile, newProfile, notify, storeProfile } from "./app.js";
import { ConfirmDialog } from "./confirm-dialog.js";
import { AddressFields, LimitFields, SessionFields, type SetProfile, WillFields } from "./connection-fields.js";
import { Form } from "./form.js";

interface ConnectionFormProps {
  profile: ConnectionProfile;
  isNew: boolean;
  /** It was saved, or is gone. */
  onDone: () => void;
}

export function ConnectionForm({ profile, isNew, onDone }: ConnectionFormProps) {
  const draft = useSignal(profile);
  const isAsking = useSignal(false);
  const set: SetProfile = (fields) => {
    draft.value = { ...draft.value, ...fields };
  };
  const check = (): ConnectionProfile => {
    checkProfile(draft.value, location);
    connectOptions(draft.value); // reads what is left: payload and properties
    return draft.value;
  };
  const submit = (): void => {
    const checked = check();
    onDone();
    connect(checked);
  };
  const store = (changed: ConnectionProfile): void => {
    storeProfile(changed);
    onDone();
    notify("good", `${changed.name} is saved.`);
  };
  return (
    <Form label="Connection" class="connection-form" onSubmit={submit}>
      <AddressFields profile={draft.value} set={set} />
      <SessionFields profile={draft.value} set={set} />
      {draft.value.protocolVersion === 5 && <LimitFields profile={draft.value} set={set} />}
      <WillFields profile={draft.value} set={set} />
      <div class="connection-actions">
        <button type="submit" class="primary">
          Connect
        </button>
        <button type="button" onClick={() => store(draft.value)}>
          Save
        </button>
        {!isNew && (
          <>
            <button
              type="button"
              class="quiet"
              onClick={() => store({ ...draft.value, id: newProfile().id, name: `${draft.value.name} (copy)` })}
            >
              Duplicate
            </button>
            <button
              type="button"
              class="quiet danger"
              onClick={() => {
                isAsking.value = true;
              }}
            >
              Delete
            </button>
          </>
        )}
      </div>
      {isAsking.value && (
        <ConfirmDialog
          title="Delete this connection?"
          text={`${profile.name} and its saved subscriptions will be gone from this browser.`}
          action="Delete"
          onConfirm={() => deleteProfile(profile.id)}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </Form>
  );
}
