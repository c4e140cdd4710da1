// The first screen of somebody who has no vault here yet.
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { CheckIcon, Mark } from "../../ui/icons.tsx";
import { LanguageSwitch } from "../../ui/language-switch.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Screen } from "../../ui/screen.tsx";
import { isInSafari } from "../support.ts";

export function Welcome({ onStart, onRecover }: { onStart: () => void; onRecover: () => void }) {
  const { welcome: texts } = useTexts(phone);
  return (
    <Screen name="welcome" title={texts.title} lead={texts.lead} end={<LanguageSwitch />}
      figure={<div class="welcome-mark"><Mark size={88} /></div>}
      foot={<>
        <Button kind="primary" action="start" onClick={onStart}>{texts.start}</Button>
        <Button kind="quiet" action="recover" onClick={onRecover}>{texts.recover}</Button>
      </>}>
      <ul class="points">
        {texts.points.map((it) => <li key={it}><CheckIcon size={22} /><span>{it}</span></li>)}
      </ul>
      {isInSafari() && <Notice><p>{texts.safari}</p></Notice>}
      <p class="muted small">{texts.cleared}</p>
    </Screen>
  );
}
