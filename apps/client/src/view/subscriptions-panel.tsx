/** Subscriptions of the connection with their colours, and the form for a new one. */
import { useSignal } from "@preact/signals";
import { describeError } from "../model/describe-error.js";
import { FormError } from "../model/form-error.js";
import type { SubscribedFilter } from "../model/subscribed-filter.js";
import {
  checkSubscription,
  createSubscription,
  nextColour,
  type SubscriptionProfile,
} from "../model/subscription-profile.js";
import { connection, notify, rememberSubscriptions, slowFrame } from "./app.js";
import { formatCount, formatRate } from "./format.js";
import { Icon } from "./icon.js";
import { SubscribeForm } from "./subscribe-form.js";

export function SubscriptionsPanel() {
  void slowFrame.value;
  const editing = useSignal<SubscriptionProfile | undefined>(undefined);
  const current = connection.value;
  const subscriptions = current?.subscriptions ?? [];
  const startNew = (): void => {
    editing.value = createSubscription("", nextColour(subscriptions.map(({ profile }) => profile)));
  };
  const subscribe = (draft: SubscriptionProfile): void => {
    checkSubscription(draft);
    if (current?.client === undefined) throw new FormError("filter", "There is no connection. Connect first.");
    void current.subscribe(draft);
    rememberSubscriptions();
    editing.value = undefined;
  };
  return (
    <section class="panel subscriptions-panel" aria-label="Subscriptions">
      <div class="panel-head">
        <h2>Subscriptions</h2>
        <button
          type="button"
          class="icon-button"
          title="New subscription"
          aria-label="New subscription"
          aria-expanded={editing.value !== undefined}
          onClick={() => (editing.value === undefined ? startNew() : (editing.value = undefined))}
        >
          <Icon name={editing.value === undefined ? "plus" : "close"} />
        </button>
      </div>
      {editing.value && (
        <SubscribeForm
          key={editing.value.filter}
          initial={editing.value}
          protocolVersion={current?.profile.protocolVersion ?? 5}
          onSubscribe={subscribe}
        />
      )}
      <ul class="subscriptions">
        {subscriptions.map((entry) => (
          <SubscriptionRow
            key={entry.profile.filter}
            entry={entry}
            onEdit={() => {
              editing.value = entry.profile;
            }}
          />
        ))}
      </ul>
      {subscriptions.length === 0 && editing.value === undefined && (
        <p class="empty">
          Nothing is subscribed.{" "}
          <button type="button" class="link" onClick={startNew}>
            Subscribe to topics
          </button>
        </p>
      )}
    </section>
  );
}

function SubscriptionRow({ entry, onEdit }: { entry: SubscribedFilter; onEdit: () => void }) {
  void slowFrame.value;
  const { profile, state, messages, rate } = entry;
  return (
    <li class="subscription" data-colour={profile.colour} data-state={state.kind}>
      <span class="subscription-filter" title={profile.filter}>
        {profile.filter}
      </span>
      <span class="subscription-state" title={state.kind === "refused" ? state.reason : undefined}>
        {state.kind === "granted" && (
          <>
            <span class="topic-rate">{formatRate(rate.perSecond(Date.now()))}</span> {formatCount(messages)}
          </>
        )}
        {state.kind === "waiting" && "waiting"}
        {state.kind === "refused" && "refused"}
      </span>
      {state.kind === "granted" && <span class="flag">Q{state.qos}</span>}
      <button type="button" class="icon-button" aria-label={`Edit ${profile.filter}`} title="Edit" onClick={onEdit}>
        <Icon name="edit" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={`Unsubscribe from ${profile.filter}`}
        title="Unsubscribe"
        onClick={() => unsubscribe(entry)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

async function unsubscribe(entry: SubscribedFilter): Promise<void> {
  try {
    const done = connection.value?.unsubscribe(entry);
    rememberSubscriptions();
    await done;
  } catch (error) {
    notify("bad", describeError(error));
  }
}
