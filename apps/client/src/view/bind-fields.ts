/** Ties the inputs of a form to a draft: the name under which errors find the input, its value, and what changes it. */
import { useSignal } from "@preact/signals";

/** `prefix` stands before the names, as errors of a part of a larger draft have them. */
export function bindFields<T extends object>(draft: T, change: (fields: Partial<T>) => void, prefix = "") {
  return <K extends keyof T & string>(key: K) => ({
    name: `${prefix}${key}`,
    value: draft[key],
    onChange: (value: T[K]): void => change({ [key]: value } as unknown as Partial<T>),
  });
}

/** A draft that lives as long as its form. */
export function useDraft<T extends object>(initial: T) {
  const signal = useSignal(initial);
  const change = (fields: Partial<T>): void => {
    signal.value = { ...signal.value, ...fields };
  };
  return { draft: signal.value, change, field: bindFields(signal.value, change) };
}
