// One tab at a time is the screen: two would both open a request that was pushed for it. The
// browser's own locks say who is; they end with their tab, however that ends.

const NAME = "symbolon-screen-shown";

/** Who holds the screen: this tab, another one, or (while it is found out) nobody knows. */
export type Held = "asking" | "here" | "elsewhere";

/**
 * Holds the screen for this tab until another takes it over or the signal ends; `tell` hears of
 * every change. With `takeOver` it is taken from whoever has it; otherwise the tab waits for its
 * turn, and has it as soon as the other is closed.
 */
export async function hold(takeOver: boolean, tell: (held: Held) => void, signal: AbortSignal): Promise<void> {
  const keep = (): Promise<void> => {
    tell("here");
    return new Promise((ended) => signal.addEventListener("abort", () => ended(), { once: true }));
  };
  let how: LockOptions = takeOver ? { steal: true } : { ifAvailable: true };
  while (!signal.aborted) {
    try {
      await navigator.locks.request(NAME, how, async (lock) => {
        if (lock !== null) await keep();
      });
    } catch (error) {
      // Taken over by another tab, or the wait was given up.
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
    if (signal.aborted) return;
    tell("elsewhere");
    how = { signal };
  }
}
