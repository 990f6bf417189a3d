import { useSignal } from "@preact/signals";
import { COLOURS, type SubscriptionProfile } from "../model/subscription-profile.js";
import { CheckField, FieldRow, NumberField, SelectField, TextField } from "./field.js";
import { Form } from "./form.js";

const QOS = [
  [0, "0 at most once"],
  [1, "1 at least once"],
  [2, "2 exactly once"],
] as const;

const RETAIN_HANDLING = [
  [0, "send them"],
  [1, "only when new"],
  [2, "do not send"],
] as const;

interface SubscribeFormProps {
  initial: SubscriptionProfile;
  protocolVersion: 3 | 4 | 5;
  /** May throw a `FormError`. */
  onSubscribe: (draft: SubscriptionProfile) => void;
}

export function SubscribeForm({ initial, protocolVersion, onSubscribe }: SubscribeFormProps) {
  const draft = useSignal(initial);
  const set = (fields: Partial<SubscriptionProfile>): void => {
    draft.value = { ...draft.value, ...fields };
  };
  const { filter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier, colour } = draft.value;
  return (
    <Form label="Subscribe" class="subscribe-form" onSubmit={() => onSubscribe(draft.value)}>
      <TextField
        label="Topic filter"
        name="filter"
        value={filter}
        isMono
        placeholder="home/#"
        onChange={(filter) => set({ filter })}
      />
      <FieldRow>
        <SelectField label="QoS" name="qos" value={qos} options={QOS} onChange={(qos) => set({ qos })} />
        <ColourField value={colour} onChange={(colour) => set({ colour })} />
      </FieldRow>
      {protocolVersion === 5 && (
        <details>
          <summary>More options</summary>
          <CheckField
            label="No Local: not what this page publishes"
            name="noLocal"
            value={noLocal}
            onChange={(noLocal) => set({ noLocal })}
          />
          <CheckField
            label="Retain As Published"
            name="retainAsPublished"
            value={retainAsPublished}
            onChange={(retainAsPublished) => set({ retainAsPublished })}
          />
          <FieldRow>
            <SelectField
              label="Retained messages"
              name="retainHandling"
              value={retainHandling}
              options={RETAIN_HANDLING}
              onChange={(retainHandling) => set({ retainHandling })}
            />
            <NumberField
              label="Identifier"
              name="subscriptionIdentifier"
              value={subscriptionIdentifier}
              placeholder="none"
              onChange={(subscriptionIdentifier) => set({ subscriptionIdentifier })}
            />
          </FieldRow>
        </details>
      )}
      <button type="submit" class="primary">
        Subscribe
      </button>
    </Form>
  );
}

function ColourField({ value, onChange }: { value: number; onChange: (colour: number) => void }) {
  return (
    <fieldset class="field colours">
      <legend>Colour</legend>
      {Array.from({ length: COLOURS }, (_, colour) => (
        <input
          key={`colour-${colour + 1}`}
          type="radio"
          name="colour"
          data-colour={colour}
          aria-label={`Colour ${colour + 1}`}
          checked={value === colour}
          onChange={() => onChange(colour)}
        />
      ))}
    </fieldset>
  );
}
