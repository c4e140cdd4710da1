import { useEffect, useState } from "preact/hooks";

/** Whether the machine has a network at all, which the browser knows at once. */
export function useOnline(): boolean {
  const [isOnline, tell] = useState(navigator.onLine);
  useEffect(() => {
    const changed = () => tell(navigator.onLine);
    const kinds = ["online", "offline"] as const;
    for (const kind of kinds) addEventListener(kind, changed);
    changed();
    return () => { for (const kind of kinds) removeEventListener(kind, changed); };
  }, []);
  return isOnline;
}
