/** Labelled inputs that edit one field of a draft, and say under it what is wrong with it. */
import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useId } from "preact/hooks";
import type { FormError } from "../model/form-error.js";

/** The error of the form around. */
export const FieldError = createContext<FormError | undefined>(undefined);

interface FieldProps<T> {
  label: string;
  /** As in `FormError.field`. */
  name: string;
  value: T;
  onChange: (value: T) => void;
  hint?: string;
  isDisabled?: boolean;
}

export function TextField({
  type = "text",
  placeholder,
  isMono = false,
  ...field
}: FieldProps<string> & { type?: "text" | "password" | "url"; placeholder?: string; isMono?: boolean }) {
  const { id, describedBy, isInvalid, message } = useField(field.name, field.hint);
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <input
        id={id}
        name={field.name}
        type={type as "text"} // the types want to know which of the three it is
        class={isMono ? "mono" : undefined}
        value={field.value}
        placeholder={placeholder}
        disabled={field.isDisabled}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={({ currentTarget }) => field.onChange(currentTarget.value)}
      />
      {message}
    </div>
  );
}

export function AreaField({
  rows = 3,
  placeholder,
  ...field
}: FieldProps<string> & { rows?: number; placeholder?: string }) {
  const { id, describedBy, isInvalid, message } = useField(field.name, field.hint);
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <textarea
        id={id}
        name={field.name}
        class="mono"
        rows={rows}
        value={field.value}
        placeholder={placeholder}
        disabled={field.isDisabled}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        spellcheck={false}
        onInput={({ currentTarget }) => field.onChange(currentTarget.value)}
      />
      {message}
    </div>
  );
}

/** Empty means undefined: not sent. */
export function NumberField({ placeholder, ...field }: FieldProps<number | undefined> & { placeholder?: string }) {
  const { id, describedBy, isInvalid, message } = useField(field.name, field.hint);
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <input
        id={id}
        name={field.name}
        type="number"
        min={0}
        value={field.value ?? ""}
        placeholder={placeholder}
        disabled={field.isDisabled}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        onInput={({ currentTarget: { value, valueAsNumber } }) =>
          field.onChange(value === "" ? undefined : valueAsNumber)
        }
      />
      {message}
    </div>
  );
}

export function SelectField<T extends string | number>({
  options,
  ...field
}: FieldProps<T> & { options: readonly (readonly [value: T, text: string])[] }) {
  const { id, describedBy, isInvalid, message } = useField(field.name, field.hint);
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <select
        id={id}
        name={field.name}
        value={field.value}
        disabled={field.isDisabled}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        onChange={({ currentTarget }) => field.onChange(options[currentTarget.selectedIndex][0])}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {message}
    </div>
  );
}

export function CheckField({ label, name, value, onChange, hint, isDisabled }: FieldProps<boolean>) {
  const { id, describedBy, message } = useField(name, hint);
  return (
    <div class="field field-check">
      <label for={id}>
        <input
          id={id}
          name={name}
          type="checkbox"
          checked={value}
          disabled={isDisabled}
          aria-describedby={describedBy}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        {label}
      </label>
      {message}
    </div>
  );
}

export function FieldRow({ children }: { children: ComponentChildren }) {
  return <div class="field-row">{children}</div>;
}

function useField(name: string, hint: string | undefined) {
  const id = useId();
  const error = useContext(FieldError);
  const isInvalid = error?.field === name;
  const text = isInvalid ? error.message : hint;
  const message = text && (
    <p id={`${id}-note`} class={isInvalid ? "field-error" : "field-hint"} role={isInvalid ? "alert" : undefined}>
      {text}
    </p>
  );
  return { id, isInvalid, message, describedBy: text ? `${id}-note` : undefined };
}
