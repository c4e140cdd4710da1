// One live region per page: what changes is read aloud without moving there.
import { store, useStore } from "./store.ts";

const said = store({ text: "", turn: 0 });

/** Says something to who listens to the page. The same words twice are said twice. */
export function announce(text: string): void {
  const { turn } = said.get();
  said.set({ text, turn: turn + 1 });
}

export function Announcer() {
  const { text, turn } = useStore(said);
  // A no-break space makes equal words another text.
  return (
    <div class="unseen" aria-live="polite" data-announcer>
      {text + (turn % 2 ? "\u00a0" : "")}
    </div>
  );
}
