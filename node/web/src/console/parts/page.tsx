// The frame of every view: where it is, what it is called, what is in it. When the view
// changes, its heading gets the focus and is announced.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { consoleTexts } from "../../texts/console.ts";
import { announce } from "../../ui/announce.tsx";
import { BackIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";

let shown: string | undefined;

export interface PageProps {
  /** Stable name of the view, for tests. */
  name: string;
  title: string;
  lead?: ComponentChildren;
  /** Distinguishes two views with one name, such as two offers. */
  id?: string;
  /** The list that it comes from. */
  back?: { readonly href: string; readonly text: string };
  /** What can be done with all of it. */
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

export function Page({ name, title, lead, id, back, actions, children }: PageProps) {
  const t = useTexts(consoleTexts);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = t.page(title); }, [title, t]);
  useEffect(() => {
    const state = `${name} ${id ?? ""}`;
    const changed = shown !== undefined && shown !== state;
    shown = state;
    if (!changed) return;
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
    announce(title);
  }, [name, id]);
  return (
    <main class="page" id="content" data-screen={name} aria-labelledby="heading">
      {back && <a class="page-back" data-action="back" href={back.href}><BackIcon size={20} />{back.text}</a>}
      <div class="page-head">
        <h1 id="heading" tabIndex={-1} ref={heading}>{title}</h1>
        {actions && <div class="row">{actions}</div>}
        {lead && <p class="lead">{lead}</p>}
      </div>
      {children}
    </main>
  );
}
