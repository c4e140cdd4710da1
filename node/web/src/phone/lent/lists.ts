// What was lent, in words.
import type { Grant } from "../../core/wallet.ts";
import type { Language } from "../../texts/catalogue.ts";
import { list } from "../../texts/format.ts";
import { itemNames } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";

const FIRST = 2;

/** "Full name, date of birth and 3 more". */
export function namesOf(paths: readonly string[], language: Language): string {
  const names = itemNames(paths, language);
  if (names.length <= FIRST + 1) return list(names, language);
  return vault[language].lent.more(names.slice(0, FIRST).join(language === "zh-Hans" ? "、" : ", "), names.length - FIRST);
}

export const isLive = (it: Grant): boolean => it.state === "active" || it.state === "paused";

export const tagOf = (it: Grant): string => (it.state === "active" ? "tag tag-ok" : it.state === "paused" ? "tag tag-warn" : "tag");
