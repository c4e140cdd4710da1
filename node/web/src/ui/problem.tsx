// An error as a person can use it: what happened, whose side it is on, what to do now.
import type { ComponentChildren } from "preact";
import { tell } from "../texts/problem.ts";
import { shared } from "../texts/shared.ts";
import { useLanguage, useTexts } from "./language.ts";
import { Notice } from "./notice.tsx";
import { Screen, type ScreenProps } from "./screen.tsx";
import { WarnIcon } from "./icons.tsx";

/** Beside what the person was doing: nothing that they entered goes away. */
export function ProblemNotice({ error, children }: { error: unknown; children?: ComponentChildren }) {
  const told = tell(error, useLanguage());
  return (
    <Notice kind="warn" title={told.title} alert>
      <p>{told.todo}</p>
      {children}
    </Notice>
  );
}

/** As a screen of its own, where nothing else can go on. */
export function ProblemScreen(props: Omit<ScreenProps, "name" | "title"> & { error: unknown; name?: string }) {
  const { error, children, name = "problem", ...rest } = props;
  const told = tell(error, useLanguage());
  const texts = useTexts(shared);
  return (
    <Screen {...rest} name={name} id={told.code} title={told.title} say={told.todo}
      figure={<div class="hero-mark hero-warn"><WarnIcon size={36} /></div>} lead={told.todo}>
      <p class="muted" data-problem={told.code}>{told.side}</p>
      {children}
      <details>
        <summary>{texts.technical}</summary>
        <dl class="facts small">
          <div><dt>{texts.code}</dt><dd class="mono">{told.code}</dd></div>
          {told.trace && <div><dt>{texts.trace}</dt><dd class="mono">{told.trace}</dd></div>}
        </dl>
      </details>
    </Screen>
  );
}
