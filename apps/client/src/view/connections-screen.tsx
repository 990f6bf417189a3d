/** Saved connections beside the form for the one that is selected. */
import { useSignal } from "@preact/signals";
import type { ConnectionProfile } from "../model/connection-profile.js";
import { connection, currentProfileId, frame, newProfile, profiles } from "./app.js";
import { ConnectionForm } from "./connection-form.js";
import { Icon } from "./icon.js";

export function ConnectionsScreen() {
  const fresh = useSignal<ConnectionProfile | undefined>(undefined);
  const selected = fresh.value ?? profiles.value.find(({ id }) => id === currentProfileId.value) ?? profiles.value[0];
  const select = (id: string): void => {
    fresh.value = undefined;
    currentProfileId.value = id;
  };
  return (
    <main class="connections">
      <nav class="profiles" aria-label="Saved connections">
        <ul>
          {profiles.value.map((profile) => (
            <ProfileRow
              key={profile.id}
              profile={profile}
              isSelected={profile.id === selected.id}
              onSelect={() => select(profile.id)}
            />
          ))}
        </ul>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            fresh.value = newProfile();
          }}
        >
          <Icon name="plus" />
          New connection
        </button>
      </nav>
      <ConnectionForm
        key={selected.id}
        profile={selected}
        isNew={fresh.value !== undefined}
        onDone={() => {
          fresh.value = undefined;
        }}
      />
    </main>
  );
}

interface ProfileRowProps {
  profile: ConnectionProfile;
  isSelected: boolean;
  onSelect: () => void;
}

function ProfileRow({ profile, isSelected, onSelect }: ProfileRowProps) {
  void frame.value;
  const current = connection.value;
  const status = current?.profile.id === profile.id ? current.status.kind : "closed";
  return (
    <li>
      <button type="button" class="profile" aria-current={isSelected ? "true" : undefined} onClick={onSelect}>
        <span class={`status-dot status-${status}`} aria-hidden="true" />
        <span class="profile-name">{profile.name}</span>
        <span class="profile-url mono">{profile.url}</span>
      </button>
    </li>
  );
}
