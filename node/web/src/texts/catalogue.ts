// Texts by language. English is written first and is the type of the others: a text that is
// missing or that takes other values does not compile.

export const languages = ["en", "zh-Hans"] as const;
export type Language = (typeof languages)[number];

/** Each language in its own words. */
export const nameOf: Record<Language, string> = { en: "English", "zh-Hans": "简体中文" };

/** The shape of texts, whatever the words. */
export type Like<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : T[K] extends readonly string[]
        ? readonly string[]
        : Like<T[K]>;
};

export type Catalogue<T> = Readonly<Record<Language, T>>;

/** Joins the languages of one part of the pages. */
export function catalogue<const T>(en: T, zhHans: NoInfer<Like<T>>): Catalogue<Like<T>> {
  return { en: en as unknown as Like<T>, "zh-Hans": zhHans };
}

/** The first of the wanted languages that there is; traditional readers get simplified Chinese. */
export function languageOf(wanted: readonly string[]): Language {
  for (const it of wanted) {
    const language = it.toLowerCase().split("-")[0];
    if (language === "zh") return "zh-Hans";
    if (language === "en") return "en";
  }
  return "en";
}
