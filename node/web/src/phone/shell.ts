// Registers the worker that keeps this page for the time without network, and tells when a new
// version of the page is ready.
import { store } from "../ui/store.ts";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

const PATH = "/service-worker.js";

/** The one address that may become a script here. */
function workerUrl(): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types?.createPolicy("symbolon", {
    createScriptURL: (url) => {
      if (url !== PATH) throw new TypeError(`no script at ${url}`);
      return url;
    },
  });
  return policy ? policy.createScriptURL(PATH) : PATH;
}

/** The worker of a new version that waits. */
export const waiting = store<ServiceWorker | undefined>(undefined);

/** Loads the page anew in its new version. */
export function takeNewVersion(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.get()?.postMessage("take-over");
}

export function keepShell(): void {
  if (!("serviceWorker" in navigator)) return;
  // After the first drawing: nothing that is seen waits for it. Without it the page works too.
  addEventListener("load", () => void register().catch(() => undefined));
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register(workerUrl(), { updateViaCache: "none" });
  // The first version has nothing to take over from.
  const look = () => waiting.set(navigator.serviceWorker.controller ? registration.waiting ?? undefined : undefined);
  // The browser may have found it before this page asked.
  const follow = () => registration.installing?.addEventListener("statechange", look);
  look();
  follow();
  registration.addEventListener("updatefound", follow);
  // Browsers look in their own time: a page that is opened or looked at again asks.
  const ask = () => {
    if (!document.hidden) void registration.update().catch(() => undefined);
  };
  ask();
  document.addEventListener("visibilitychange", ask);
}
