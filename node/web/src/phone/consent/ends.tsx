// What became of it.
import type { Answered, Asked, EndReason, Scanned } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { moment } from "../../texts/format.ts";
import { itemName } from "../../texts/items.ts";
import { Button } from "../../ui/button.tsx";
import { CheckIcon, ClockIcon, CloseIcon, ScanIcon, WarnIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Screen } from "../../ui/screen.tsx";
import { go } from "../route.ts";
import { dropLink } from "../state.ts";
import { CodeScreen } from "./code.tsx";

interface DoneProps {
  asked: Asked;
  ticked: readonly string[];
  answered: Answered;
}

const leaveTo = (grant: string) => {
  dropLink();
  go({ at: "grant", id: grant });
};

export function Done({ asked, ticked, answered }: DoneProps) {
  if (answered.kind === "scan") {
    return <CodeScreen asked={asked} answered={answered} onDone={dropLink} onSee={() => leaveTo(answered.grant)} />;
  }
  return answered.kind === "query" ? <Returning asked={asked} answered={answered} /> : <Lent asked={asked} ticked={ticked} answered={answered} />;
}

function Lent({ asked, ticked, answered }: DoneProps) {
  const { done: texts } = useTexts(consent);
  const language = useLanguage();
  return (
    <Screen name="done" title={texts.title(asked.scanned.institution.name)} lead={texts.lead}
      figure={<div class="hero-mark hero-ok"><CheckIcon size={40} /></div>}
      foot={<>
        <Button kind="primary" action="finish" onClick={dropLink}>{texts.finish}</Button>
        <Button kind="quiet" action="open-grant" value={answered.grant} onClick={() => leaveTo(answered.grant)}>{texts.see}</Button>
      </>}>
      <ul class="rows rows-card">
        {ticked.map((it) => <li class="line" key={it}><span class="row-icon ok"><CheckIcon size={20} /></span>{itemName(it, language)}</li>)}
      </ul>
      <p class="muted">{texts.until(moment(Date.now() + asked.grantLifeSeconds * 1000, language))}</p>
    </Screen>
  );
}

function Returning({ asked, answered }: { asked: Asked; answered: Answered & { kind: "query" } }) {
  const { query: texts } = useTexts(consent);
  const who = asked.scanned.institution.name;
  return (
    <Screen name="done" id="query" title={texts.title(who)} lead={texts.lead}
      figure={<div class="hero-mark hero-ok"><CheckIcon size={40} /></div>}
      foot={<Button kind="primary" action="return" onClick={() => location.assign(answered.redirect)}>{texts.go(who)}</Button>} />
  );
}

export function Denied({ scanned }: { scanned: Scanned }) {
  const { denied: texts, done } = useTexts(consent);
  return (
    <Screen name="denied" title={texts.title} lead={texts.lead(scanned.institution.name)}
      figure={<div class="hero-mark"><CloseIcon size={36} /></div>}
      foot={<Button kind="primary" action="finish" onClick={dropLink}>{done.finish}</Button>} />
  );
}

export function Ended({ reason }: { reason: EndReason }) {
  const { ended: texts } = useTexts(consent);
  const Icon = reason === "wrong_number" ? WarnIcon : reason === "approved" ? CheckIcon : ClockIcon;
  const leave = (at: "scan" | "grants" | "items") => {
    dropLink();
    if (at !== "items") go({ at });
  };
  return (
    <Screen name="ended" id={reason} title={texts[reason].title} lead={texts[reason].lead}
      figure={<div class={`hero-mark ${reason === "approved" ? "hero-ok" : "hero-warn"}`} data-end={reason}><Icon size={36} /></div>}
      foot={<>
        <Button kind="primary" action="scan" onClick={() => leave("scan")}><ScanIcon /> {texts.scan}</Button>
        <Button kind="quiet" action="leave" onClick={() => leave(reason === "approved" ? "grants" : "items")}>{texts.home}</Button>
      </>} />
  );
}
