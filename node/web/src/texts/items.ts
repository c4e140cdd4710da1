// What an item is called and where it belongs in a list.
import { catalogue, type Language } from "./catalogue.ts";
import { items as en } from "./en/items.ts";
import { items as zhHans } from "./zh-Hans/items.ts";

export const itemTexts = catalogue(en, zhHans);

export type Group = keyof typeof en.groups;
type Known = keyof typeof en.names;

/** The order in which groups stand. */
export const groups = Object.keys(en.groups) as Group[];

const contact = ["email", "email_verified", "phone_number", "phone_number_verified", "msisdn", "website", "profile"];
const prefixes = ["oidc.", "ida.claims.", "ida."];

/** The path without the prefix of where it comes from. */
function bare(path: string): { rest: string; isVerified: boolean } {
  const prefix = prefixes.find((it) => path.startsWith(it)) ?? "";
  return { rest: path.slice(prefix.length), isVerified: prefix === "ida.claims." };
}

const isKnown = (rest: string): rest is Known => Object.hasOwn(en.names, rest);

export function groupOf(path: string): Group {
  const { rest } = bare(path);
  if (path.startsWith("ida.")) return "identity";
  if (path.startsWith("documents.")) return "documents";
  if (contact.includes(rest)) return "contact";
  if (rest === "address" || rest.startsWith("address.")) return "address";
  return isKnown(rest) ? "you" : "other";
}

/** "Date of birth" for `oidc.birthdate`; "Tax number · Main" for `tax_number.main`. */
export function itemName(path: string, language: Language): string {
  const texts = itemTexts[language];
  const { rest, isVerified } = bare(path);
  const name = isKnown(rest) ? texts.names[rest] : readable(rest.replace(/^documents\./, ""));
  return isVerified ? texts.verified(name) : name;
}

/** "Full name, date of birth and region": names within a sentence, or as its beginning. */
export function itemNames(paths: readonly string[], language: Language, begins = true): string[] {
  return paths.map((path, at) => {
    const name = itemName(path, language);
    // An abbreviation stays what it is.
    return (at === 0 && begins) || /^\p{Lu}\p{Lu}/u.test(name) ? name : name.charAt(0).toLocaleLowerCase(language) + name.slice(1);
  });
}

/** Groups in their order, each with its paths in the order of what is well known, then by name. */
export function grouped<T>(list: readonly T[], pathOf: (it: T) => string, language: Language): { group: Group; items: T[] }[] {
  const order = Object.keys(en.names);
  const rank = (path: string) => {
    const at = order.indexOf(bare(path).rest);
    return at < 0 ? order.length : at;
  };
  const byName = (a: string, b: string) =>
    rank(a) - rank(b) || itemName(a, language).localeCompare(itemName(b, language), language);
  return groups
    .map((group) => ({
      group,
      items: list.filter((it) => groupOf(pathOf(it)) === group).sort((a, b) => byName(pathOf(a), pathOf(b))),
    }))
    .filter((it) => it.items.length > 0);
}

function readable(path: string): string {
  return path
    .split(".")
    .map((part) => part.replaceAll("_", " ").trim())
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" · ");
}

export { readable };
