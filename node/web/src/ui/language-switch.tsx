import { languages, nameOf } from "../texts/catalogue.ts";
import { shared } from "../texts/shared.ts";
import { Button } from "./button.tsx";
import { chooseLanguage, useLanguage, useTexts } from "./language.ts";

/** The other languages, each in its own words. */
export function LanguageSwitch() {
  const texts = useTexts(shared);
  const now = useLanguage();
  return (
    <div class="language" role="group" aria-label={texts.language}>
      {languages.filter((it) => it !== now).map((it) => (
        <Button key={it} kind="quiet" action="language" value={it} lang={it} onClick={() => chooseLanguage(it)}>
          {nameOf[it]}
        </Button>
      ))}
    </div>
  );
}
