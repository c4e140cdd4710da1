// The code that the institution's terminal scans: good for a minute, and for it alone.
import type { Answered, Asked } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Qr } from "../../ui/qr.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { useNow } from "../hooks.ts";
import { happened } from "../state.ts";

export interface CodeProps {
  asked: Asked;
  answered: Answered & { kind: "scan" };
  onDone: () => void;
  onSee: () => void;
}

export function CodeScreen({ asked, answered, onDone, onSee }: CodeProps) {
  const { code: texts, done } = useTexts(consent);
  const { event } = useStore(happened);
  const left = Math.ceil((answered.expires - useNow()) / 1000);
  const who = asked.scanned.institution.name;
  const isRead = event?.kind === "grant" && event.grant === answered.grant && event.uses > 0;
  const isOver = left <= 0 && !isRead;
  return (
    <Screen name="code" id={isOver ? "over" : ""} title={isOver ? texts.over : texts.title} lead={isOver ? texts.overText : texts.lead(who)}
      foot={<>
        <Button kind="primary" action="finish" onClick={onDone}>{done.finish}</Button>
        <Button kind="quiet" action="open-grant" value={answered.grant} onClick={onSee}>{done.see}</Button>
      </>}>
      {isRead && <Notice kind="ok" alert><p>{texts.read(who)}</p></Notice>}
      {!isOver && !isRead && <Qr text={answered.code} label={texts.label} />}
      {!isOver && !isRead && <p class="figures center" role="timer">{texts.left(left)}</p>}
    </Screen>
  );
}
