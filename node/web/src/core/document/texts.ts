// Text for people: bounded, and unable to play tricks on a screen (domain/src/document/text.rs).

import { Misshapen, type Shape, dictionary, text } from "../shape.ts";

const LANGUAGES_MAX = 32;

/** Whether a text has the form of a BCP 47 language tag. */
export const isLanguage = (tag: string): boolean => tag.length <= 35 && /^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(tag);

// Control characters but the line's end, characters that cannot be seen, and those that turn
// the direction of what follows (Unicode Technical Report 36, section 2.5).
const DECEPTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/;

/** Whether a text of 1 to `max` characters shows as what it is. */
export const isPlain = (value: string, max: number): boolean =>
  value.trim() !== "" && [...value].length <= max && !DECEPTIVE.test(value);

/** Likewise one line. */
export const isLine = (value: string, max: number): boolean => isPlain(value, max) && !value.includes("\n");

export const line = (max: number): Shape<string> => (value, place = "") => {
  const found = text(value, place);
  if (!isLine(found, max)) throw new Misshapen(place);
  return found;
};

/** A text in each language; English is always there. */
export const texts = (max: number): Shape<Readonly<Record<string, string>>> => (value, place = "") => {
  const found = dictionary(text)(value, place);
  const entries = Object.entries(found);
  const isWhole = entries.length <= LANGUAGES_MAX && Object.hasOwn(found, "en");
  const isSound = entries.every(([language, words]) => isLanguage(language) && isPlain(words, max));
  if (!isWhole || !isSound) throw new Misshapen(place);
  return found;
};
