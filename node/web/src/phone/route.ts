// Where in the page the person is. It lives in the history's state, so that the phone's own
// way back works, and never in the address: addresses end up in lists and logs.
import { store } from "../ui/store.ts";

export type Route =
  | { readonly at: "items" }
  | { readonly at: "item"; readonly path: string }
  | { readonly at: "history"; readonly path: string }
  | { readonly at: "edit"; readonly path: string }
  | { readonly at: "add" }
  | { readonly at: "scan" }
  | { readonly at: "show-code" }
  | { readonly at: "grants" }
  | { readonly at: "grant"; readonly id: string }
  | { readonly at: "settings" }
  | { readonly at: "devices" }
  | { readonly at: "about" }
  | { readonly at: "export" }
  | { readonly at: "delete-vault" }
  | { readonly at: "sheet" }
  | { readonly at: "sheet-try" }
  /** Within a consent: what is asked for and not in the vault is added. */
  | { readonly at: "fill"; readonly first?: string };

interface Kept {
  readonly route: Route;
  /** How many steps of ours lie behind: there the way back may go. */
  readonly depth: number;
}

const home: Kept = { route: { at: "items" }, depth: 0 };
const kept = (): Kept => (history.state as { symbolon?: Kept } | null)?.symbolon ?? home;

export const route = store<Route>(kept().route);

// A screen begins at its heading, where the focus is.
history.scrollRestoration = "manual";
addEventListener("popstate", () => route.set(kept().route));

/** Goes on to another screen; the address stays what it is. */
export function go(next: Route): void {
  history.pushState({ symbolon: { route: next, depth: kept().depth + 1 } satisfies Kept }, "");
  route.set(next);
}

/** Puts another screen in the place of this one. */
export function replace(next: Route, address?: string): void {
  history.replaceState({ symbolon: { route: next, depth: kept().depth } satisfies Kept }, "", address);
  route.set(next);
}

/** The way back, or to `parent` where nothing of ours lies behind. */
export function back(parent: Route = home.route): void {
  if (kept().depth > 0) history.back();
  else replace(parent);
}
