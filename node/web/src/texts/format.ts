// Dates, times, sizes and numbers as the language writes them.
import type { Language } from "./catalogue.ts";

const made = new Map<string, unknown>();

// Making an Intl object costs more than using it a thousand times.
function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}

function dates(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once(`${language} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(language, options));
}

/** "3 March 2026" */
export const date = (at: number | Date, language: Language): string =>
  dates(region(language), { dateStyle: "long" }).format(at);

/** "3 March 2026 at 14:05" */
export const moment = (at: number | Date, language: Language): string =>
  dates(region(language), { dateStyle: "long", timeStyle: "short" }).format(at);

/** "14:05" today, else "3 Mar, 14:05", with the year when it is another. */
export function shortMoment(at: number, language: Language, now = Date.now()): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  if (then.toDateString() === today.toDateString()) return dates(region(language), time).format(at);
  const sameYear = then.getFullYear() === today.getFullYear();
  return dates(region(language), { day: "numeric", month: "short", ...(sameYear ? time : { year: "numeric" }) }).format(at);
}

/** A calendar day `YYYY-MM-DD` has no time zone: it is the same day everywhere. */
export function day(text: string, language: Language): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (!year) return text;
  const at = Date.UTC(Number(year), Number(month) - 1, Number(date));
  // OpenID Connect: year 0000 means that the year is not told.
  const options: Intl.DateTimeFormatOptions = year === "0000"
    ? { day: "numeric", month: "long", timeZone: "UTC" }
    : { dateStyle: "long", timeZone: "UTC" };
  return dates(region(language), options).format(at);
}

const steps = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** "10 years", "1 day": the largest unit that fits whole, else the nearest. */
export function duration(seconds: number, language: Language): string {
  const exact = steps.find(([, unit]) => seconds >= unit && seconds % unit === 0);
  const rough = steps.find(([, unit]) => seconds >= 2 * unit) ?? (["second", 1] as const);
  // 3,650 days are ten years to a person, whatever leap days say.
  const [unit, size] = exact && seconds / exact[1] < 60 ? exact : rough;
  return number(Math.round(seconds / size), language, { style: "unit", unit, unitDisplay: "long" });
}

/** "in 2 minutes", "3 days ago". */
export function relative(at: number, language: Language, now = Date.now()): string {
  const seconds = (at - now) / 1000;
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? (["second", 1] as const);
  const format = once(`relative ${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  return format.format(Math.trunc(seconds / size), unit);
}

export function number(value: number, language: Language, options: Intl.NumberFormatOptions = {}): string {
  return once(`number ${language} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(region(language), options)).format(value);
}

/** "1:05" left. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function bytes(size: number, language: Language): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let [value, unit] = [size, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return number(value, language, {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  });
}

/** "A, B and C" */
export const list = (parts: readonly string[], language: Language): string =>
  once(`list ${language}`, () => new Intl.ListFormat(region(language), { type: "conjunction" })).format(parts);

/** "France" for `FR`; the code itself when it is none. */
export function country(code: string, language: Language): string {
  const names = once(`country ${language}`, () => new Intl.DisplayNames(language, { type: "region" }));
  try {
    return /^[A-Za-z]{2}$/.test(code) ? names.of(code.toUpperCase()) ?? code : code;
  } catch {
    return code;
  }
}

export function languageName(tag: string, language: Language): string {
  const names = once(`language ${language}`, () => new Intl.DisplayNames(language, { type: "language" }));
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

// The person's own region decides between 3 March and March 3, where the browser tells it.
function region(language: Language): Language {
  const own = globalThis.navigator?.languages?.find((it) => it.toLowerCase().startsWith(language.slice(0, 2)));
  return (language === "en" && own ? own : language) as Language;
}
