// Ticks: which can be approved, and which words the person reads.

import type { Asked, OfferWords } from "./shapes.ts";

/** Of the languages that the person reads, best first, the words in the best that the offer has. */
export function wordsFor(asked: Asked, languages: readonly string[]): OfferWords {
  const [english] = asked.words;
  if (english === undefined) throw new Error("an offer without English was let through");
  // A more general tag stands for a more special one (RFC 4647 section 3.4), and a special one
  // for the general if there is nothing better.
  for (const wished of languages) {
    for (let tag = wished; tag !== ""; tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")))) {
      const fitting = asked.words.find(({ language }) => language.toLowerCase() === tag.toLowerCase())
        ?? asked.words.find(({ language }) => language.toLowerCase().startsWith(`${tag.toLowerCase()}-`));
      if (fitting !== undefined) return fitting;
    }
  }
  return english;
}

/** Everything asked for that is in the vault; of alternatives the first. */
export function everything(asked: Asked): string[] {
  const answered = new Set<string>();
  return asked.items.flatMap(({ path, necessity, version }) => {
    if (version === undefined) return [];
    if (necessity.kind === "one_of") {
      if (answered.has(necessity.group)) return [];
      answered.add(necessity.group);
    }
    return [path];
  });
}

/** What keeps ticks from being approved; empty lists: nothing. */
export interface Untickable {
  /** Required and not ticked. */
  readonly missing: readonly string[];
  /** Groups of alternatives of which not exactly one is ticked. */
  readonly groups: readonly string[];
  /** Ticked, but not asked for or not in the vault. */
  readonly stray: readonly string[];
}

export function checkTicks(asked: Asked, ticked: readonly string[]): Untickable {
  const isTicked = (path: string) => ticked.includes(path);
  const missing = asked.items.filter((item) => item.necessity.kind === "required" && !isTicked(item.path));
  const groups = new Map<string, number>();
  for (const { path, necessity } of asked.items) {
    if (necessity.kind !== "one_of") continue;
    groups.set(necessity.group, (groups.get(necessity.group) ?? 0) + Number(isTicked(path)));
  }
  const lendable = new Set(asked.items.filter((item) => item.version !== undefined).map((item) => item.path));
  return {
    missing: missing.map((item) => item.path),
    groups: [...groups].filter(([, count]) => count !== 1).map(([group]) => group),
    stray: ticked.filter((path) => !lendable.has(path)),
  };
}
