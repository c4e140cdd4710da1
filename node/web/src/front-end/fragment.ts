// An invitation is good once: it does not stay in the address bar, nor in what is restored.
import { type Store, store } from "../ui/store.ts";

/** What the address said; a link that is opened while the page is open says it anew. */
export const fragment: Store<string> = store("");

export function takeFragment(): void {
  const take = () => {
    if (location.hash === "") return;
    fragment.set(location.hash);
    history.replaceState(null, "", location.pathname);
  };
  addEventListener("hashchange", take);
  take();
}
