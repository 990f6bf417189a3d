import { dismiss, notices } from "./app.js";
import { Icon } from "./icon.js";

export function NoticeList() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ key, kind, text }) => (
        <div key={key} class={`notice notice-${kind}`}>
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(key)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
