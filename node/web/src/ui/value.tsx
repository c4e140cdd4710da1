import type { Shown } from "../texts/values.ts";

/** An item's value: text with its lines, or names with values. */
export function Value({ of }: { of: Shown }) {
  if (of.kind !== "facts") return <span class="pre">{of.text}</span>;
  return (
    <dl class="facts">
      {of.facts.map((it, at) => <div key={at}><dt>{it.name}</dt><dd><Value of={it.value} /></dd></div>)}
    </dl>
  );
}
