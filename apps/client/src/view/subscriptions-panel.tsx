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
import { IconButton } from "./icon-button.js";
import { SubscribeForm } from "./subscribe-form.js";

export function SubscriptionsPanel() {
  void slowFrame.value;
  const editing = useSignal<SubscriptionProfile | undefined>(undefined);
  const current = connection.value;
  const subscriptions = current?.subscriptions ?? [];
  const startNew = (): void => {
    editing.value = createSubscription("", nextColourOf(subscriptions));
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
        <IconButton
          icon={editing.value === undefined ? "plus" : "close"}
          label="New subscription"
          isExpanded={editing.value !== undefined}
          onClick={() => (editing.value === undefined ? startNew() : (editing.value = undefined))}
        />
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
      {current?.client && !subscriptions.some(({ profile }) => profile.filter.startsWith("$SYS/")) && (
        <button
          type="button"
          class="quiet small subscribe-sys"
          title="Topics that begin with $ do not match #"
          onClick={() => subscribe(createSubscription("$SYS/#", nextColourOf(subscriptions)))}
        >
          <Icon name="plus" />
          $SYS/#, the server about itself
        </button>
      )}
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

function nextColourOf(subscriptions: readonly SubscribedFilter[]): number {
  return nextColour(subscriptions.map(({ profile }) => profile));
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
      <IconButton icon="edit" label={`Edit ${profile.filter}`} onClick={onEdit} />
      <IconButton icon="close" label={`Unsubscribe from ${profile.filter}`} onClick={() => unsubscribe(entry)} />
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
