// The device asks the person; meanwhile the screen says what they confirm.
import type { Asked } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { itemName } from "../../texts/items.ts";
import { FingerIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";

export function Verify({ asked, ticked }: { asked: Asked; ticked: readonly string[] }) {
  const { verify: texts } = useTexts(consent);
  const language = useLanguage();
  return (
    <Screen name="verify" title={texts.title} lead={texts.lead(ticked.length, asked.scanned.institution.name)}
      figure={<div class="hero-mark"><FingerIcon size={40} /></div>}>
      <ul class="rows rows-card">{ticked.map((it) => <li class="line" key={it}>{itemName(it, language)}</li>)}</ul>
      <Progress text={texts.waiting} />
    </Screen>
  );
}
