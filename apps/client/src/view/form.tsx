/** A form that turns a `FormError` of its action into a message at the field, and anything else into a notice. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { describeError } from "../model/describe-error.js";
import { FormError } from "../model/form-error.js";
import { notify } from "./app.js";
import { FieldError } from "./field.js";

interface FormProps {
  label: string;
  class?: string;
  /** The new error is cleared by the next attempt. */
  onSubmit: () => unknown;
  children: ComponentChildren;
}

export function Form({ label, class: className, onSubmit, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<FormError>();
  useEffect(() => {
    if (error === undefined) return;
    const field = form.current?.querySelector<HTMLElement>(`[name="${error.field}"]`);
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  }, [error]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      setError(undefined);
      await onSubmit();
    } catch (failure) {
      if (failure instanceof FormError) setError(failure);
      else notify("bad", describeError(failure));
    }
  };
  return (
    <form
      ref={form}
      class={className}
      aria-label={label}
      noValidate
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
      }}
    >
      <FieldError.Provider value={error}>{children}</FieldError.Provider>
    </form>
  );
}
