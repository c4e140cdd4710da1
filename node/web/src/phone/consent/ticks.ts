// What is ticked: what is needed and there from the beginning, all else by the person.
import type { Asked, AskedItem } from "../../core/wallet.ts";

const isHere = (it: AskedItem) => it.version !== undefined;

/** The groups of alternatives, in the order in which they are asked for. */
export function groupsOf(asked: Asked): { group: string; items: AskedItem[] }[] {
  const names = [...new Set(asked.items.flatMap((it) => (it.necessity.kind === "one_of" ? [it.necessity.group] : [])))];
  return names.map((group) => ({
    group,
    items: asked.items.filter((it) => it.necessity.kind === "one_of" && it.necessity.group === group),
  }));
}

/** Needed items are ticked, and an alternative that is the only one there. */
export function firstTicks(asked: Asked): string[] {
  const needed = asked.items.filter((it) => it.necessity.kind === "required" && isHere(it));
  const only = groupsOf(asked).flatMap(({ items }) => {
    const here = items.filter(isHere);
    return here.length === 1 ? here : [];
  });
  return inOrder(asked, [...needed, ...only].map((it) => it.path));
}

/** Ticks that still can be, when what is in the vault has changed; of a group the last one. */
export function keepTicks(asked: Asked, before: readonly string[]): string[] {
  return before.reduce<string[]>((ticked, path) => {
    const item = asked.items.find((it) => it.path === path);
    return item && isHere(item) ? withTick(asked, ticked, item) : ticked;
  }, []);
}

/** One more tick; the others of its group lose theirs. */
export function withTick(asked: Asked, ticked: readonly string[], item: AskedItem): string[] {
  const rivals = item.necessity.kind === "one_of"
    ? groupsOf(asked).find((it) => item.necessity.kind === "one_of" && it.group === item.necessity.group)?.items ?? []
    : [];
  const kept = ticked.filter((path) => path !== item.path && !rivals.some((it) => it.path === path));
  return inOrder(asked, [...kept, item.path]);
}

const inOrder = (asked: Asked, paths: readonly string[]): string[] =>
  asked.items.map((it) => it.path).filter((path) => paths.includes(path));

/** What must be in the vault before this can be approved, then what may be. */
export function missing(asked: Asked): { needed: AskedItem[]; alternatives: { group: string; items: AskedItem[] }[]; optional: AskedItem[] } {
  const alternatives = groupsOf(asked).filter(({ items }) => !items.some(isHere));
  const inThem = (it: AskedItem) => alternatives.some(({ items }) => items.includes(it));
  const absent = asked.items.filter((it) => !isHere(it));
  return {
    needed: absent.filter((it) => it.necessity.kind === "required"),
    alternatives,
    optional: absent.filter((it) => it.necessity.kind !== "required" && !inThem(it)),
  };
}
