// Everything that does something. A button that cannot be used yet stays in reach of the
// keyboard and of a screen reader, so that the reason beside it can be found.
import type { ComponentChildren } from "preact";

export interface ButtonProps {
  /** Stable name of what it does, for tests. */
  action: string;
  kind?: "plain" | "primary" | "danger" | "danger-primary" | "quiet" | "icon";
  /** Its name where it shows only an icon. */
  label?: string;
  /** Not now: an element with this id says why. */
  off?: boolean;
  why?: string;
  type?: "button" | "submit";
  value?: string;
  pressed?: boolean;
  lang?: string;
  onClick?: () => void;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { action, kind = "plain", label, off = false, why, type = "button", value, pressed, lang } = props;
  return (
    <button
      type={type}
      class={kind === "plain" ? "button" : `button button-${kind}`}
      data-action={action}
      value={value}
      lang={lang}
      aria-label={label}
      aria-pressed={pressed}
      aria-disabled={off ? "true" : undefined}
      aria-describedby={why}
      onClick={(event) => {
        if (off) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {props.children}
    </button>
  );
}
