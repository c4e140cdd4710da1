import type { ComponentChildren } from "preact";

/** What happened one after the other. */
export function Timeline({ steps }: { steps: readonly { readonly at: ComponentChildren; readonly what: ComponentChildren }[] }) {
  return (
    <ol class="timeline card">
      {steps.map(({ at, what }, place) => <li key={place}><div>{what}</div><div class="muted small">{at}</div></li>)}
    </ol>
  );
}
