import { languages, nameOf } from "../texts/catalogue.ts";
import { shared } from "../texts/shared.ts";
import { Button } from "./button.tsx";
import { Choice, Choices } from "./choice.tsx";
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

/** All languages, for a screen of settings. */
export function LanguageChoice() {
  const texts = useTexts(shared);
  const now = useLanguage();
  return (
    <Choices legend={texts.language}>
      {languages.map((it) => (
        <Choice key={it} kind="radio" name="language" value={it} checked={it === now} onChange={() => chooseLanguage(it)}
          label={<span lang={it}>{nameOf[it]}</span>} />
      ))}
    </Choices>
  );
}
