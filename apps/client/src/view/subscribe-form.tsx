import { COLOURS, type SubscriptionProfile } from "../model/subscription-profile.js";
import { useDraft } from "./bind-fields.js";
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
  const { draft, change, field } = useDraft(initial);
  return (
    <Form label="Subscribe" class="subscribe-form" onSubmit={() => onSubscribe(draft)}>
      <TextField
        label="Topic filter"
        {...field("filter")}
        isMono
        placeholder="home/#"
        hint={filterHint(draft.filter)}
      />
      <FieldRow>
        <SelectField label="QoS" {...field("qos")} options={QOS} />
        <ColourField value={draft.colour} onChange={(colour) => change({ colour })} />
      </FieldRow>
      {protocolVersion === 5 && (
        <details>
          <summary>More options</summary>
          <CheckField label="No Local: not what this page publishes" {...field("noLocal")} />
          <CheckField label="Retain As Published" {...field("retainAsPublished")} />
          <FieldRow>
            <SelectField label="Retained messages" {...field("retainHandling")} options={RETAIN_HANDLING} />
            <NumberField label="Identifier" {...field("subscriptionIdentifier")} placeholder="none" />
          </FieldRow>
        </details>
      )}
      <button type="submit" class="primary">
        Subscribe
      </button>
    </Form>
  );
}

/** The standard keeps such topics from wildcards in the first level (4.7.2). */
function filterHint(filter: string): string | undefined {
  return /^[#+]/.test(filter) ? "Topics that begin with $ do not match; $SYS/# is for them." : undefined;
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
