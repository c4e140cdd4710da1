// The value of an item as a person reads it: a line of text, some lines, or names with values.
import type { Language } from "./catalogue.ts";
import { bytes, country, day, languageName, list, moment } from "./format.ts";
import { itemTexts, readable } from "./items.ts";

/** How a value is drawn. */
export type Shown =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "file"; readonly text: string };
export interface Fact {
  readonly name: string;
  readonly value: Shown;
}

const countries = ["country", "country_code", "nationalities"];
const spelled = ["type", "check_method", "trust_framework", "assurance_level", "gender"];

const last = (path: string) => path.slice(path.lastIndexOf(".") + 1);

/** A JSON value at a path. */
export function shownJson(path: string, value: unknown, language: Language): Shown {
  const texts = itemTexts[language];
  if (Array.isArray(value)) {
    if (value.every((it) => typeof it !== "object")) {
      return text(list(value.map((it) => word(path, it, language)), language));
    }
    const [only] = value;
    if (value.length === 1) return shownJson(path, only, language);
    return { kind: "facts", facts: value.map((it, at) => ({ name: String(at + 1), value: shownJson(path, it, language) })) };
  }
  if (typeof value === "object" && value !== null) {
    const facts = Object.entries(value).map(([member, it]) => ({
      name: Object.hasOwn(texts.members, member) ? texts.members[member as keyof typeof texts.members] : readable(member),
      value: shownJson(member, it, language),
    }));
    return { kind: "facts", facts };
  }
  return text(word(path, value, language));
}

const text = (it: string): Shown => ({ kind: "text", text: it });

/** A value that is no list and no object. */
function word(path: string, value: unknown, language: Language): string {
  const texts = itemTexts[language];
  const name = last(path);
  if (typeof value === "boolean") return value ? texts.yes : texts.no;
  if (value === null || value === undefined || value === "") return texts.nothing;
  if (typeof value === "number") return name.endsWith("_at") ? moment(value * 1000, language) : String(value);
  const it = String(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(it)) return day(it, language);
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(it)) return moment(new Date(it), language);
  if (countries.includes(name)) return country(it, language);
  if (name === "locale" && /^[a-z]{2,3}([-_][A-Za-z0-9]+)*$/.test(it)) return languageName(it.replaceAll("_", "-"), language);
  if (spelled.includes(name) && Object.hasOwn(texts.values, it)) return texts.values[it as keyof typeof texts.values];
  return it;
}

/** A value that is no JSON. */
export function shownFile(mediaType: string, size: number, language: Language): Shown {
  const { kinds, file } = itemTexts[language];
  const major = mediaType.split("/")[0] ?? "";
  const kind = mediaType === "application/pdf" ? kinds.pdf
    : major === "image" || major === "text" || major === "audio" || major === "video" ? kinds[major]
    : kinds.other;
  return { kind: "file", text: file(kind, bytes(size, language)) };
}

/** A value on one line, for lists. */
export function oneLine(shown: Shown): string {
  if (shown.kind === "facts") return shown.facts.map((it) => oneLine(it.value)).filter(Boolean).join(" · ");
  return shown.text.replaceAll("\n", ", ");
}
