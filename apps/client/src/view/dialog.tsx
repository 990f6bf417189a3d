/** A dialog over the page. The browser keeps the focus inside, and Escape closes it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface DialogProps {
  title: string;
  children: ComponentChildren;
  /** Buttons beside the one that closes; called with what closes the dialog. */
  actions?: (close: () => void) => ComponentChildren;
  /** On the button that closes. */
  closeText?: string;
  onClose: () => void;
}

export function Dialog({ title, children, actions, closeText = "Close", onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => dialog.current?.close();
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      <div class="dialog-actions">
        <button type="button" onClick={close}>
          {closeText}
        </button>
        {actions?.(close)}
      </div>
    </dialog>
  );
}
