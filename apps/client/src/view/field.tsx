/** Labelled inputs that edit one field of a draft, and say under it what is wrong with it. */
import type { ComponentChild, ComponentChildren } from "preact";
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
}

interface TextFieldProps extends FieldProps<string> {
  type?: "text" | "password" | "url";
  placeholder?: string;
  isMono?: boolean;
}

export function TextField({ type = "text", placeholder, isMono = false, value, onChange, ...field }: TextFieldProps) {
  return (
    <Labelled {...field}>
      {(attributes) => (
        <input
          {...attributes}
          type={type as "text"} // the types want to know which of the three it is
          class={isMono ? "mono" : undefined}
          value={value}
          placeholder={placeholder}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

interface AreaFieldProps extends FieldProps<string> {
  rows?: number;
  placeholder?: string;
}

export function AreaField({ rows = 3, placeholder, value, onChange, ...field }: AreaFieldProps) {
  return (
    <Labelled {...field}>
      {(attributes) => (
        <textarea
          {...attributes}
          class="mono"
          rows={rows}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

interface NumberFieldProps extends FieldProps<number | undefined> {
  placeholder?: string;
}

/** Empty means undefined: not sent. */
export function NumberField({ placeholder, value, onChange, ...field }: NumberFieldProps) {
  return (
    <Labelled {...field}>
      {(attributes) => (
        <input
          {...attributes}
          type="number"
          min={0}
          value={value ?? ""}
          placeholder={placeholder}
          onInput={({ currentTarget: { value, valueAsNumber } }) => onChange(value === "" ? undefined : valueAsNumber)}
        />
      )}
    </Labelled>
  );
}

interface SelectFieldProps<T> extends FieldProps<T> {
  options: readonly (readonly [value: T, text: string])[];
}

export function SelectField<T extends string | number>({ options, value, onChange, ...field }: SelectFieldProps<T>) {
  return (
    <Labelled {...field}>
      {(attributes) => (
        <select
          {...attributes}
          value={value}
          onChange={({ currentTarget }) => onChange(options[currentTarget.selectedIndex][0])}
        >
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

export function CheckField({ label, name, value, onChange, hint }: FieldProps<boolean>) {
  const { attributes, note } = useField(name, hint);
  return (
    <div class="field field-check">
      <label for={attributes.id}>
        <input
          {...attributes}
          type="checkbox"
          checked={value}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        {label}
      </label>
      {note}
    </div>
  );
}

export function FieldRow({ children }: { children: ComponentChildren }) {
  return <div class="field-row">{children}</div>;
}

/** What a control needs, whatever its kind. */
interface ControlAttributes {
  id: string;
  name: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

interface LabelledProps {
  label: string;
  name: string;
  hint?: string;
  children: (attributes: ControlAttributes) => ComponentChild;
}

function Labelled({ label, name, hint, children }: LabelledProps) {
  const { attributes, note } = useField(name, hint);
  return (
    <div class="field">
      <label for={attributes.id}>{label}</label>
      {children(attributes)}
      {note}
    </div>
  );
}

function useField(name: string, hint: string | undefined) {
  const id = useId();
  const error = useContext(FieldError);
  const isInvalid = error?.field === name;
  const text = isInvalid ? error.message : hint;
  const noteId = `${id}-note`;
  const note = text && (
    <p id={noteId} class={isInvalid ? "field-error" : "field-hint"} role={isInvalid ? "alert" : undefined}>
      {text}
    </p>
  );
  const attributes: ControlAttributes = {
    id,
    name,
    "aria-invalid": isInvalid,
    "aria-describedby": text ? noteId : undefined,
  };
  return { attributes, note };
}
