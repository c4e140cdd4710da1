// What this browser keeps, in IndexedDB: key pairs whose private halves cannot be read, what
// the wallet last believed, and ciphertext. Nothing here is readable plaintext.

/** Stores of the database: records under a name, and objects' ciphertext under their id. */
export type Store = "records" | "objects";

const NAME = "symbolon";
const VERSION = 1;

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("records");
      request.result.createObjectStore("objects");
    };
    request.onsuccess = () => {
      const forgetIt = () => {
        opened = undefined;
      };
      // Another tab wants a newer form, or the browser threw the data away: open it anew next time.
      request.result.onversionchange = () => {
        request.result.close();
        forgetIt();
      };
      request.result.onclose = forgetIt;
      resolve(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      reject(request.error);
    };
  });
  return opened;
}

async function within<T>(mode: IDBTransactionMode, stores: readonly Store[], work: (transaction: IDBTransaction) => IDBRequest<T> | undefined): Promise<T | undefined> {
  const transaction = (await database()).transaction([...stores], mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const request = work(transaction);
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** What is kept under a name; none if nothing is. */
export async function read<T>(store: Store, key: string): Promise<T | undefined> {
  return within<T | undefined>("readonly", [store], (transaction) => transaction.objectStore(store).get(key));
}

/** The names under which something is kept. */
export async function keys(store: Store): Promise<string[]> {
  const found = await within("readonly", [store], (transaction) => transaction.objectStore(store).getAllKeys());
  return (found ?? []).map(String);
}

/** Keeps all of these or none, on disk before it returns; `undefined` takes one out. */
export async function write(store: Store, entries: Readonly<Record<string, unknown>>): Promise<void> {
  await within("readwrite", [store], (transaction) => {
    for (const [key, value] of Object.entries(entries)) {
      if (value === undefined) transaction.objectStore(store).delete(key);
      else transaction.objectStore(store).put(value, key);
    }
    return undefined;
  });
  tellChange(Object.keys(entries));
}

/** Takes everything out of a store. */
export async function clear(store: Store): Promise<void> {
  const gone = await keys(store);
  await within("readwrite", [store], (transaction) => transaction.objectStore(store).clear());
  tellChange(gone);
}

/** One at a time, over all tabs: what reads, decides and writes must not overtake itself. */
export function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`${NAME}-${name}`, work) as Promise<T>;
}

const CHANGED = `${NAME}-changed`;
const here = new EventTarget();
let channel: BroadcastChannel | undefined;

function tellChange(keys: readonly string[]): void {
  here.dispatchEvent(new MessageEvent(CHANGED, { data: keys }));
  channel ??= new BroadcastChannel(CHANGED);
  channel.postMessage(keys);
}

/** Calls back with the names under which something was written, in this tab or another. Gives what ends it. */
export function watch(changed: (keys: readonly string[]) => void): () => void {
  channel ??= new BroadcastChannel(CHANGED);
  const listened = channel;
  const told = (event: Event) => changed((event as MessageEvent<readonly string[]>).data);
  here.addEventListener(CHANGED, told);
  listened.addEventListener("message", told);
  return () => {
    here.removeEventListener(CHANGED, told);
    listened.removeEventListener("message", told);
  };
}
