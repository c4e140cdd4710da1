// The frame of every state of a page. When the state changes, its heading gets the focus and
// is announced, so that who cannot see the change learns of it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shared } from "../texts/shared.ts";
import { announce } from "./announce.tsx";
import { Button } from "./button.tsx";
import { BackIcon, Mark } from "./icons.tsx";
import { useTexts } from "./language.ts";

let shown: string | undefined;

export interface ScreenProps {
  /** Stable name of the state, for tests and styles. */
  name: string;
  title: string;
  lead?: ComponentChildren;
  /** The way back; without one the bar shows whose page it is. */
  back?: () => void;
  /** At the end of the bar. */
  end?: ComponentChildren;
  /** Above the heading. */
  figure?: ComponentChildren;
  /** The one thing to do, and what may be done instead. */
  foot?: ComponentChildren;
  /** What is said beside the title when the state begins. */
  say?: string;
  /** The title's language, where it is not the page's. */
  titleLang?: string;
  /** Distinguishes two states with one name, such as two items. */
  id?: string;
  class?: string;
  children?: ComponentChildren;
}

export function Screen(props: ScreenProps) {
  const { name, title, lead, back, end, figure, foot, say, id, children } = props;
  const texts = useTexts(shared);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const state = `${name} ${id ?? ""}`;
    const changed = shown !== undefined && shown !== state;
    shown = state;
    if (!changed) return;
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
    announce(say ? `${title}. ${say}` : title);
  }, [name, id]);
  // The same state under another name, such as one that was loaded: said, but nothing moves.
  const named = useRef(title);
  useEffect(() => {
    if (named.current !== title && shown === `${name} ${id ?? ""}`) announce(title);
    named.current = title;
  }, [title]);
  return (
    <main class={`screen ${props.class ?? ""}`} data-screen={name} aria-labelledby="heading">
      <div class="bar">
        {back ? <Button kind="icon" action="back" label={texts.back} onClick={back}><BackIcon /></Button> : <Brand />}
        {end && <div class="bar-end">{end}</div>}
      </div>
      <div class="head">
        {figure}
        <h1 id="heading" tabIndex={-1} ref={heading} lang={props.titleLang}>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      <div class="body">{children}</div>
      {foot && <div class="foot">{foot}</div>}
    </main>
  );
}

export function Brand() {
  return <span class="brand"><Mark /> Symbolon</span>;
}
