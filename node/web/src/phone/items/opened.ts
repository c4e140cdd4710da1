// Items of the wallet, opened and in words.
import { jsonValue, type StoredItem } from "../../core/wallet.ts";
import type { Language } from "../../texts/catalogue.ts";
import { type Shown, shownFile, shownJson } from "../../texts/values.ts";
import { type Loaded, useLoaded } from "../hooks.ts";
import { changes, useWallet } from "../state.ts";
import { useStore } from "../../ui/store.ts";

export function shownItem(item: StoredItem, language: Language): Shown {
  const json = jsonValue(item);
  return json === undefined ? shownFile(item.mediaType, item.value.length, language) : shownJson(item.path, json, language);
}

export interface Listed {
  readonly path: string;
  /** None when it is not here and there is no network. */
  readonly item: StoredItem | undefined;
}

/** All items, those that open now with their values. */
export function useItems(): Loaded<Listed[]> {
  const wallet = useWallet();
  const turn = useStore(changes);
  return useLoaded(async () => {
    const [all, opened] = await Promise.all([wallet.items(), wallet.getAll()]);
    const byPath = new Map(opened.map((it) => [it.path, it]));
    return all.map(({ path }) => ({ path, item: byPath.get(path) }));
  }, [wallet, turn]);
}
