// Keeps the phone page for the time without network: its own files and nothing else. What the
// API answers is never kept here; items are the page's own affair.
//
// A new version is fetched whole beside the old one. It takes over when the old one's pages are
// closed, or when the person says so; the version before stays until the next one, so that a
// page that is still open in another tab finds all that it may yet load.

interface Files {
  addAll(requests: Request[]): Promise<void>;
  match(request: Request | string): Promise<Response | undefined>;
}
interface Worker {
  addEventListener(type: "install" | "activate", listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "fetch", listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}

declare const SHELL: string[];
declare const VERSION: string;

const worker = self as unknown as Worker;
const NAME = "symbolon-shell-";
const PAGE = "/";
const mine = () => caches.open(NAME + VERSION) as Promise<Files>;

worker.addEventListener("install", (event) => {
  const files = [PAGE, "/manifest.webmanifest", "/icons/icon.svg", ...SHELL];
  // Names with a hash can come from the browser's cache; the page itself must be today's.
  const requests = files.map((it) => new Request(it, { cache: it.startsWith("/assets/") ? "default" : "reload" }));
  event.waitUntil(mine().then((cache) => cache.addAll(requests)));
});

worker.addEventListener("message", ({ data }) => {
  if (data === "take-over") void worker.skipWaiting();
});

worker.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    // Oldest first.
    const all = (await caches.keys()).filter((it) => it.startsWith(NAME) && it !== NAME + VERSION);
    await Promise.all(all.slice(0, -1).map((it) => caches.delete(it)));
    await worker.clients.claim();
  })());
});

/** The phone page answers at these places; the front end's page is another. */
const isPhonePage = (path: string) => path === "/" || path === "/recover" || path === "/h" || path.startsWith("/s/");

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (isPhonePage(url.pathname)) event.respondWith(page(request));
  } else if (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/icons/") || url.pathname === "/manifest.webmanifest") {
    event.respondWith(kept(request));
  }
});

/** From here, and so at once; a new version comes by the worker, not by the page. */
async function page(request: Request): Promise<Response> {
  return (await (await mine()).match(PAGE)) ?? fetch(request);
}

async function kept(request: Request): Promise<Response> {
  return (await (await mine()).match(request)) ?? (await caches.match(request)) ?? fetch(request);
}
