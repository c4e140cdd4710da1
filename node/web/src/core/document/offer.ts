// The offer, the first data list: what an institution may ask for, and on which terms.

import { delivery } from "../api.ts";
import { type Bytes } from "../bytes.ts";
import { lpDigest } from "../crypto/kdf.ts";
import {
  type Infer, Misshapen, type Shape, closed, count, either, flag, id, list, oneOf, optional, path, text, time, variant,
} from "../shape.ts";
import type { Necessity, OfferWords } from "../wallet/shapes.ts";
import { line, texts } from "./texts.ts";

const ITEMS_MAX = 256;
/** Ten years of 366 days. */
const LIFE_SECONDS_MAX = 316_224_000;

const life: Shape<number> = (value, place = "") => {
  const seconds = count(value, place);
  if (seconds < 1 || seconds > LIFE_SECONDS_MAX) throw new Misshapen(place);
  return seconds;
};

const usesMax: Shape<number> = (value, place = "") => {
  const uses = count(value, place);
  if (uses < 1 || uses > 1_000_000) throw new Misshapen(place);
  return uses;
};

const necessityMembers = either(oneOf("required", "optional"), variant({ one_of: text }));

const necessity: Shape<Necessity> = (value, place = "") => {
  const found = necessityMembers(value, place);
  if (typeof found === "string") return { kind: found };
  if (!/^[a-z0-9_]{1,32}$/.test(found.value)) throw new Misshapen(place);
  return { kind: "one_of", group: found.value };
};

const members = closed({
  institution: id("ins"),
  title: texts(80),
  items: list(closed({ path, necessity })),
  purpose: closed({ code: line(128), text: texts(400) }),
  frequency: closed({ uses_max: usesMax, period_seconds: optional(life) }),
  data_life_seconds: optional(life),
  grant_life_seconds: life,
  covers_future: flag,
  delivery,
  use_statement: texts(4_000),
  disclaimer: texts(4_000),
  allowed_regions: optional(list(text)),
  expires: time,
});
export type Offer = Infer<typeof members>;

/** An offer with everything checked that can be checked without anything else. */
export const Offer: Shape<Offer> = (value, place = "") => {
  const offer = members(value, place);
  const demand = (holds: boolean, what: string) => {
    if (!holds) throw new Misshapen(`${place}.${what}`);
  };
  const paths = offer.items.map((item) => item.path).toSorted();
  demand(paths.length >= 1 && paths.length <= ITEMS_MAX, "items");
  demand(new Set(paths).size === paths.length, "items");
  // '.' sorts before every character of a segment: what is within a path follows it at once.
  demand(!paths.some((inner, at) => at > 0 && inner.startsWith(`${paths[at - 1]}.`)), "items");
  const groups = offer.items.flatMap(({ necessity }) => (necessity.kind === "one_of" ? [necessity.group] : []));
  demand(groups.every((group) => groups.indexOf(group) !== groups.lastIndexOf(group)), "items");
  demand(/^[!-~]+$/.test(offer.purpose.code), "purpose.code");
  const regions = offer.allowed_regions ?? [];
  demand(regions.length <= 64 && new Set(regions).size === regions.length, "allowed_regions");
  return offer;
};

/** The words in one language; none if the offer lacks it in any of its texts. */
export function wordsIn(offer: Offer, language: string): OfferWords | undefined {
  const [title, purpose, useStatement, disclaimer] = [offer.title, offer.purpose.text, offer.use_statement, offer.disclaimer]
    .map((texts) => (Object.hasOwn(texts, language) ? texts[language] : undefined));
  if (title === undefined || purpose === undefined || useStatement === undefined || disclaimer === undefined) return undefined;
  return { language, title, purpose, useStatement, disclaimer };
}

/** The words in every language in which all are there, English first. */
export function allWords(offer: Offer): OfferWords[] {
  const languages = Object.keys(offer.title).filter((language) => language !== "en");
  return ["en", ...languages].flatMap((language) => wordsIn(offer, language) ?? []);
}

/** The hash of what a person is told in a language: a selection carries it. */
export const statementHash = (words: OfferWords): Bytes =>
  lpDigest("statement", words.language, words.title, words.purpose, words.useStatement, words.disclaimer);
