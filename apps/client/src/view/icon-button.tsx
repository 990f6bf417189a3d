import { Icon, type IconName } from "./icon.js";

interface IconButtonProps {
  icon: IconName;
  /** What it does: for screen readers, and for others when they point at it. */
  label: string;
  isExpanded?: boolean;
  onClick: () => void;
}

export function IconButton({ icon, label, isExpanded, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      aria-expanded={isExpanded}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
