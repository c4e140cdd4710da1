// The small things that every view is made of.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { consoleTexts } from "../../texts/console.ts";
import type { Language } from "../../texts/catalogue.ts";
import { moment, number, shortMoment } from "../../texts/format.ts";
import { tell } from "../../texts/problem.ts";
import { shared } from "../../texts/shared.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { CopyIcon } from "./icons.tsx";

/** Where something stands, in a colour and in words. */
export function State({ kind, children }: { kind: "ok" | "warn" | "danger" | "info" | "plain"; children: ComponentChildren }) {
  return <span class={kind === "plain" ? "tag" : `tag tag-${kind}`} data-state={kind}>{children}</span>;
}

export interface WhenProps {
  at: number;
  /** Short where many stand below one another; to the second where steps follow one another. */
  as?: "short" | "full" | "exact";
}

/** A time. */
export function When({ at, as = "short" }: WhenProps) {
  const language = useLanguage();
  const text = as === "short" ? shortMoment(at, language) : as === "full" ? moment(at, language) : exact(language).format(at);
  return <time class="figures" dateTime={new Date(at).toISOString()} title={exact(language).format(at)}>{text}</time>;
}

const exact = (language: Language) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

/** A number as the language writes it. */
export function useNumber(): (value: number) => string {
  const language = useLanguage();
  return (value) => number(value, language);
}

/** The end of an id: enough to tell it from its neighbours. */
export const shortId = (id: string): string => `${id.slice(0, 3)}…${id.slice(-6)}`;

/** A whole id, key or hash, to be copied. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const t = useTexts(consoleTexts);
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        announce(t.copied);
        setTimeout(() => setCopied(false), 2_000);
      },
      // Without the right to the clipboard the text can still be marked by hand.
      () => setCopied(false),
    );
  };
  return (
    <span class="copyable">
      <span class="mono">{text}</span>
      <Button kind="icon" action="copy" label={`${isCopied ? t.copied : t.copy}: ${label}`} onClick={copy}><CopyIcon isDone={isCopied} /></Button>
    </span>
  );
}

export interface Fact {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly hint?: string;
}

/** Names and values. */
export function Facts({ facts }: { facts: readonly (Fact | undefined | false)[] }) {
  return (
    <dl class="facts facts-wide">
      {facts.flatMap((fact) => (fact ? [fact] : [])).map(({ name, value, hint }) => (
        <div key={name}><dt>{name}</dt><dd>{value}{hint && <p class="hint">{hint}</p>}</dd></div>
      ))}
    </dl>
  );
}

/** Nothing is there yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="card empty"><strong>{title}</strong>{children && <p class="muted">{children}</p>}</div>;
}

/** What the node refused, or that it does not answer. */
export function Refusal({ error, retry }: { error: unknown; retry?: () => void }) {
  const s = useTexts(shared);
  const t = useTexts(consoleTexts).overview;
  const told = tell(error, useLanguage());
  // What people are told of it is not for the institution itself.
  const { title, todo } = told.code === "institution_not_approved" ? { title: t.notApproved, todo: t.notApprovedTodo } : told;
  return (
    <Notice kind="danger" title={title} alert>
      <p>{todo}</p>
      <p class="mono">{s.code}: {told.code}{told.trace ? ` · ${s.trace}: ${told.trace}` : ""}</p>
      {retry && <div class="row"><Button action="retry" onClick={retry}>{s.tryAgain}</Button></div>}
    </Notice>
  );
}

/** The end of a list: the next page, or how many there are. */
export function More({ count, more, isLoading }: { count: number; more: (() => void) | undefined; isLoading: boolean }) {
  const t = useTexts(consoleTexts).list;
  const figure = useNumber();
  if (isLoading) return <Progress text={t.loading} />;
  return (
    <div class="row more">
      <span class="muted figures">{more ? t.shown(figure(count)) : t.all(figure(count))}</span>
      {more && <Button action="more" onClick={more}>{t.more}</Button>}
    </div>
  );
}

export interface FilterProps<T extends string> {
  label: string;
  options: readonly { readonly value: T; readonly text: string; readonly count?: number }[];
  value: T;
  choose: (value: T) => void;
}

/** Which of a list are shown. */
export function Filter<T extends string>({ label, options, value, choose }: FilterProps<T>) {
  const figure = useNumber();
  return (
    <div class="filter" role="group" aria-label={label}>
      {options.map((it) => (
        <Button key={it.value} action="filter" value={it.value} pressed={it.value === value} onClick={() => choose(it.value)}>
          {it.text}{it.count !== undefined && <span class="figures muted">{figure(it.count)}</span>}
        </Button>
      ))}
    </div>
  );
}
