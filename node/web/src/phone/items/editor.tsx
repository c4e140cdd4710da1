// The inputs for one item.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes, country } from "../../texts/format.ts";
import { itemName, itemTexts } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Choice, Choices } from "../../ui/choice.tsx";
import { Field, FieldError, Select } from "../../ui/field.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { countryCodes } from "./countries.ts";
import { type Draft, FILE_BYTES_MAX, getAt, type Kind, type Plain, setAt, type Wrong } from "./kinds.ts";

export interface EditorProps {
  path: string;
  kind: Kind;
  draft: Draft | undefined;
  onDraft: (draft: Draft) => void;
  wrong?: Wrong | undefined;
  hint?: string | undefined;
  /** The screen's title is its name already. */
  isTitled?: boolean;
}

const autocomplete: Readonly<Record<string, string>> = {
  name: "name", given_name: "given-name", family_name: "family-name", middle_name: "additional-name", nickname: "nickname",
  email: "email", phone_number: "tel", website: "url", birthdate: "bday", street_address: "street-address",
  locality: "address-level2", region: "address-level1", postal_code: "postal-code", country: "country-name",
};

export function Editor({ path, kind, draft, onDraft, wrong, hint, isTitled = false }: EditorProps) {
  const language = useLanguage();
  const texts = useTexts(itemTexts);
  const { edit } = useTexts(vault);
  const text = itemName(path, language);
  const name = isTitled ? <span class="unseen">{text}</span> : text;
  const error = wrong && (wrong === "empty" ? edit.empty : wrong === "raw" ? edit.rawWrong : edit.wrong[wrong]);
  const json = draft && "json" in draft ? draft.json : undefined;
  const set = (value: unknown) => onDraft({ json: value });
  switch (kind.kind) {
    case "file":
      return <FileInput path={path} name={name} draft={draft} onDraft={onDraft} error={error} />;
    case "raw":
      return <Raw path={path} name={name} json={json} onJson={set} error={error} />;
    case "only":
      return <PlainInput id={path} name={name} kind={kind.of} value={getAt(json, [0])} onValue={(it) => set([it])} error={error} hint={hint} />;
    case "record":
      return (
        <fieldset class="stack">
          <legend>{name}</legend>
          {kind.parts.map((part) => (
            <PlainInput key={part.name} id={`${path}.${part.name}`} kind={part.input}
              name={texts.members[part.name as keyof typeof texts.members] ?? part.name}
              value={getAt(json, part.at)} onValue={(it) => set(setAt(json, part.at, it))} />
          ))}
          {error && <FieldError id={`${path}-error`}>{error}</FieldError>}
        </fieldset>
      );
    default:
      return <PlainInput id={path} name={name} kind={kind} value={json} onValue={set} error={error} hint={hint} />;
  }
}

interface PlainProps {
  id: string;
  name: ComponentChildren;
  kind: Plain;
  value: unknown;
  onValue: (value: unknown) => void;
  error?: string | undefined;
  hint?: string | undefined;
}

function PlainInput({ id, name, kind, value, onValue, error, hint }: PlainProps) {
  const language = useLanguage();
  const texts = useTexts(itemTexts);
  const { edit } = useTexts(vault);
  const text = typeof value === "string" ? value : "";
  const last = id.slice(id.lastIndexOf(".") + 1);
  switch (kind.kind) {
    case "yes":
      return (
        <Choices legend={name}>
          {[true, false].map((it) => (
            <Choice key={String(it)} kind="radio" name={id} value={String(it)} checked={value === it}
              onChange={() => onValue(it)} label={it ? texts.yes : texts.no} />
          ))}
          {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
        </Choices>
      );
    case "choice":
    case "country": {
      const options = kind.kind === "choice"
        ? kind.options.map((it) => ({ value: it, text: texts.values[it as keyof typeof texts.values] ?? it }))
        : countryCodes
          .map((it) => ({ value: it, text: country(it, language) }))
          .sort((a, b) => a.text.localeCompare(b.text, language));
      return (
        <Select name={id} label={name} value={text} onInput={(it) => onValue(it || undefined)} hint={hint} error={error}
          options={[{ value: "", text: edit.choose }, ...options]} />
      );
    }
    default: {
      const inputs = { text: "text", lines: "text", email: "email", tel: "tel", url: "url", date: "date" } as const;
      return (
        <Field name={id} label={name} value={text} onInput={onValue} error={error} type={inputs[kind.kind]}
          lines={kind.kind === "lines"} hint={hint ?? (kind.kind === "tel" ? edit.hints.tel : undefined)}
          autocomplete={autocomplete[last] ?? "off"} spellcheck={false} maxLength={4000} />
      );
    }
  }
}

function FileInput({ path, name, draft, onDraft, error }: { path: string; name: ComponentChildren; draft: Draft | undefined; onDraft: (draft: Draft) => void; error: string | undefined }) {
  const language = useLanguage();
  const { edit } = useTexts(vault);
  const [tooLarge, setTooLarge] = useState(false);
  const file = draft && "file" in draft ? draft.file : undefined;
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    setTooLarge(chosen.size > FILE_BYTES_MAX);
    if (chosen.size > FILE_BYTES_MAX) return;
    const value = new Uint8Array(await chosen.arrayBuffer());
    onDraft({ file: { name: chosen.name, mediaType: chosen.type || "application/octet-stream", value } });
  };
  const wrong = tooLarge ? edit.fileTooLarge : error;
  return (
    <div class="field">
      <span class="label" id={`${path}-label`}>{name}</span>
      <span class="hint" id={`${path}-hint`}>{edit.fileHint}</span>
      <label class="button file">
        <input type="file" name={path} class="unseen" aria-labelledby={`${path}-label`} aria-describedby={`${path}-hint`}
          onChange={(event) => void take(event.currentTarget.files?.[0])} />
        {file ? edit.chosen(file.name, bytes(file.value.length, language)) : edit.chooseFile}
      </label>
      {wrong && <FieldError id={`${path}-error`}>{wrong}</FieldError>}
    </div>
  );
}

function Raw({ path, name, json, onJson, error }: { path: string; name: ComponentChildren; json: unknown; onJson: (json: unknown) => void; error: string | undefined }) {
  const { edit } = useTexts(vault);
  const first = useMemo(() => JSON.stringify(json, undefined, 2) ?? "", []);
  const [text, setText] = useState(first);
  return (
    <Field name={path} label={name} lines hint={edit.raw} error={error} value={text}
      onInput={(it) => {
        setText(it);
        try {
          onJson(JSON.parse(it));
        } catch {
          onJson(undefined);
        }
      }} />
  );
}
