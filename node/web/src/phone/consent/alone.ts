// One request in one tab: the second says so, and may take over.
import { useEffect, useState } from "preact/hooks";

export type Alone = "asking" | "mine" | "elsewhere" | "moved";

/** Holds a lock of this name while the screen is there. `takeOver` steals it from another tab. */
export function useAlone(name: string): { state: Alone; takeOver: () => void } {
  const [state, setState] = useState<Alone>("asking");
  const [steal, setSteal] = useState(0);
  useEffect(() => {
    let release = () => {};
    let isGone = false;
    const held = new Promise<void>((done) => {
      release = done;
    });
    navigator.locks
      .request(name, steal > 0 ? { steal: true } : { ifAvailable: true }, async (lock) => {
        if (isGone) return;
        setState(lock ? "mine" : "elsewhere");
        if (lock) await held;
      })
      // A stolen lock's promise is rejected: another tab went on.
      .catch(() => !isGone && setState("moved"));
    return () => {
      isGone = true;
      release();
    };
  }, [name, steal]);
  return { state, takeOver: () => setSteal((it) => it + 1) };
}
