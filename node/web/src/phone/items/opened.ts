// Items of the wallet, opened and in words.
import { jsonValue, type StoredItem, type Wallet } from "../../core/wallet.ts";
import type { Language } from "../../texts/catalogue.ts";
import { type Shown, shownFile, shownJson } from "../../texts/values.ts";
import { type Loaded, useLoaded } from "../hooks.ts";
import { changes, useWallet } from "../state.ts";
import { useStore } from "../../ui/store.ts";

export function shownItem(item: StoredItem, language: Language): Shown {
  const json = jsonValue(item);
  return json === undefined ? shownFile(item.mediaType, item.value.length, language) : shownJson(item.path, json, language);
}

/** What is larger is a file: a list names it without opening it, bytes. */
const LISTED_BYTES_MAX = 200_000;

export const isListed = (size: number): boolean => size <= LISTED_BYTES_MAX;

export interface Listed {
  readonly path: string;
  /** Of the sealed object, bytes. */
  readonly size: number;
  /** Too large for a list. */
  readonly isFile: boolean;
  /** None when it is not here and there is no network. */
  readonly item: StoredItem | undefined;
}

/** All items, those that open now with their values. */
export function useItems(): Loaded<Listed[]> {
  const wallet = useWallet();
  const turn = useStore(changes);
  return useLoaded(async () => {
    const [all, byPath] = await Promise.all([wallet.items(), openListed(wallet)]);
    return all.map(({ path, size }) => ({ path, size, isFile: !isListed(size), item: byPath.get(path) }));
  }, [wallet, turn]);
}

/** The items that a list shows, by path. */
export async function openListed(wallet: Wallet): Promise<Map<string, StoredItem>> {
  try {
    return byPath(await wallet.getAll({ bytesMax: LISTED_BYTES_MAX }));
  } catch {
    // One that was changed elsewhere must not hide the others; its own screen says what is wrong.
    const paths = (await wallet.items()).filter((it) => isListed(it.size)).map((it) => it.path);
    const opened = await Promise.all(paths.map((path) => wallet.get(path).catch(() => undefined)));
    return byPath(opened.filter((it) => it !== undefined));
  }
}

const byPath = (all: readonly StoredItem[]) => new Map(all.map((it) => [it.path, it]));
