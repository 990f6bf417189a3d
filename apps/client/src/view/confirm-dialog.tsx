/** Asks before something that cannot be undone. */
import { Dialog } from "./dialog.js";

interface ConfirmDialogProps {
  title: string;
  text: string;
  /** On the button that does it. */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog({ title, text, action, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog
      title={title}
      closeText="Cancel"
      onClose={onClose}
      actions={(close) => (
        <button
          type="button"
          class="primary danger"
          onClick={() => {
            onConfirm();
            close();
          }}
        >
          {action}
        </button>
      )}
    >
      <p>{text}</p>
    </Dialog>
  );
}
