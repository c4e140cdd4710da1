// A labelled input with its hint and its error, tied to it for a screen reader.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import { WarnIcon } from "./icons.tsx";

export interface FieldProps {
  name: string;
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  type?: "text" | "date" | "email" | "tel" | "url" | "search" | "number";
  lines?: boolean;
  autocomplete?: string;
  inputMode?: InputHTMLAttributes["inputMode"];
  maxLength?: number;
  placeholder?: string;
  spellcheck?: boolean;
  /** The id of a `datalist`. */
  list?: string;
  optional?: boolean;
}

export function Field(props: FieldProps) {
  const id = useId();
  const { name, label, value, hint, error, lines, type = "text" } = props;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const common = {
    id,
    name,
    value,
    class: "input",
    autocomplete: props.autocomplete ?? "off",
    maxLength: props.maxLength,
    placeholder: props.placeholder,
    spellcheck: props.spellcheck ?? false,
    "aria-describedby": described || undefined,
    "aria-invalid": error ? ("true" as const) : undefined,
  };
  const input = (event: { currentTarget: { value: string } }) => props.onInput(event.currentTarget.value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      {lines
        ? <textarea {...common} rows={4} onInput={input} />
        : <input {...common} type={type} inputMode={props.inputMode} list={props.list} onInput={input} />}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}

export function FieldError({ id, children }: { id: string; children: ComponentChildren }) {
  return <span class="error" id={id} role="alert"><WarnIcon size={20} /><span>{children}</span></span>;
}

export interface SelectProps {
  name: string;
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  options: { value: string; text: string }[];
}

export function Select({ name, label, value, onInput, hint, error, options }: SelectProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      <select
        id={id}
        name={name}
        class="input"
        value={value}
        aria-describedby={described || undefined}
        aria-invalid={error ? "true" : undefined}
        onChange={(event) => onInput(event.currentTarget.value)}
      >
        {options.map((it) => <option key={it.value} value={it.value}>{it.text}</option>)}
      </select>
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}
