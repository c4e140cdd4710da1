// Check boxes and radio buttons whose whole row can be tapped.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface ChoiceProps {
  kind: "checkbox" | "radio";
  name: string;
  value: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** What can be ticked. */
  label: ComponentChildren;
  /** What it is about: read after the label. */
  hint?: ComponentChildren;
  off?: boolean;
}

export function Choice({ kind, name, value, checked, onChange, label, hint, off = false }: ChoiceProps) {
  const id = useId();
  return (
    <label class={off ? "choice choice-off" : "choice"}>
      <input
        type={kind}
        name={name}
        value={value}
        checked={checked}
        disabled={off}
        data-action={kind === "checkbox" ? "tick" : undefined}
        aria-labelledby={`${id}-name`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="choice-text">
        <span class="choice-name" id={`${id}-name`}>{label}</span>
        {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      </span>
    </label>
  );
}

/** Choices that belong together. */
export function Choices({ legend, hint, children }: { legend: ComponentChildren; hint?: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <fieldset class="stack" aria-describedby={hint ? id : undefined}>
      <legend>{legend}</legend>
      {hint && <p class="hint" id={id}>{hint}</p>}
      <div class="rows rows-card">{children}</div>
    </fieldset>
  );
}
