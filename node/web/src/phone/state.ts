// What all screens of the phone page share: the wallet, the link it was opened with, whether
// there is network, and what happened at the node.
import { parseLink, Problem, type SessionLink, Unreachable, Wallet, type WalletEvent } from "../core/wallet.ts";
import { store, useStore } from "../ui/store.ts";
import { replace } from "./route.ts";

export const wallet = store<Wallet | undefined>(undefined);

/** The wallet, on screens that are shown only when there is one. */
export function useWallet(): Wallet {
  const it = useStore(wallet);
  if (!it) throw new Error("this screen needs a wallet");
  return it;
}

/** What was scanned and is not answered. It stays in the address until then. */
export const scanned = store<SessionLink | undefined>(undefined);

/** Takes the link of the page's own address: there it is found again after the page was closed. */
export function takeLink(): void {
  if (!location.pathname.startsWith("/s/")) return;
  try {
    scanned.set(parseLink(location.href));
  } catch (error) {
    badLink.set(error);
  }
}

/** The address held a link that is none. */
export const badLink = store<unknown>(undefined);

/** A code that was scanned within the page: from here on as if the camera had opened it. */
export function openLink(link: SessionLink): void {
  scanned.set(link);
  replace({ at: "items" }, `/s/${link.session}#${link.thumbprint}`);
}

/** The consent is over, or left. */
export function dropLink(): void {
  scanned.set(undefined);
  badLink.set(undefined);
  replace({ at: "items" }, "/");
}

/** Whether the node can be reached, as far as this page knows. */
export const isOnline = store(navigator.onLine);
addEventListener("online", () => isOnline.set(true));
addEventListener("offline", () => isOnline.set(false));

/** Why nothing can go on with this wallet: the device was removed, or the vault is gone. */
export const lost = Object.assign(store<unknown>(undefined), {
  notice(error: unknown): void {
    if (error instanceof Problem && ["device_revoked", "vault_gone"].includes(error.code)) lost.set(error);
    if (error instanceof Unreachable) isOnline.set(false);
    else if (error instanceof Problem) isOnline.set(true);
  },
});

/** The last thing that happened at the node, and how many there were. */
export const happened = store<{ readonly count: number; readonly event: WalletEvent | undefined }>({ count: 0, event: undefined });

/** Counts the changes that another tab or the node made: screens load again on it. */
export const changes = store(0);

const REST_MS = 5_000;

/** Whether the person erases the vault here: the screen that says so stays. */
export const erased = store<"no" | "going" | "gone">("no");

/** Another tab may have deleted it all, or tried the sheet. */
async function reopen(): Promise<void> {
  if (erased.get() !== "no") return;
  const [known, found] = [wallet.get(), await Wallet.open()];
  const isSame = known?.device === found?.device && known?.isSheetTried === found?.isSheetTried;
  if (!isSame) wallet.set(found);
}

/** Follows the vault's events while the page is in sight. Gives what ends it. */
export function follow(it: Wallet): () => void {
  let stop = new AbortController();
  const run = async ({ signal }: AbortController) => {
    while (!signal.aborted) {
      try {
        for await (const event of it.events(signal)) {
          isOnline.set(true);
          happened.set({ count: happened.get().count + 1, event });
          changes.set(changes.get() + 1);
        }
      } catch (error) {
        if (signal.aborted) return;
        lost.notice(error);
      }
      await new Promise((done) => setTimeout(done, REST_MS));
    }
  };
  const look = () => {
    stop.abort();
    stop = new AbortController();
    if (document.hidden) return;
    void run(stop);
    // What other devices stored since.
    it.pull().then(() => changes.set(changes.get() + 1), lost.notice);
  };
  look();
  document.addEventListener("visibilitychange", look);
  const unwatch = it.watch((what) => {
    if (what === "identity") void reopen();
    changes.set(changes.get() + 1);
  });
  return () => {
    stop.abort();
    unwatch();
    document.removeEventListener("visibilitychange", look);
  };
}
