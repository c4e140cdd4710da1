// The language of a page: the person's choice on this device, else the browser's.
import { type Catalogue, type Language, languageOf, languages } from "../texts/catalogue.ts";
import { store, useStore } from "./store.ts";

const KEPT_AS = "symbolon.language";

function first(): Language {
  try {
    const chosen = languages.find((it) => it === localStorage.getItem(KEPT_AS));
    if (chosen) return chosen;
  } catch {
    // A browser without storage for this page still has a language.
  }
  return languageOf(navigator.languages ?? [navigator.language]);
}

export const language = store<Language>(first());

const tell = (it: Language) => {
  document.documentElement.lang = it;
};
tell(language.get());
language.subscribe(tell);

export function chooseLanguage(chosen: Language): void {
  try {
    localStorage.setItem(KEPT_AS, chosen);
  } catch {
    // Then the choice lasts as long as the page.
  }
  language.set(chosen);
}

export const useLanguage = (): Language => useStore(language);

/** The texts of one part of the pages in the language chosen. */
export const useTexts = <T>(catalogue: Catalogue<T>): T => catalogue[useLanguage()];
