// The recovery sheet: words and code, on the screen and on paper.
import { date } from "../../texts/format.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Mark, PrintIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemScreen } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Qr } from "../../ui/qr.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded } from "../hooks.ts";
import { useWallet } from "../state.ts";
import type { RecoverySheet } from "../../core/wallet.ts";

export interface SheetProps {
  onBack: () => void;
  onNext: () => void;
  /** Why it comes now. */
  before?: string | undefined;
}

export function Sheet({ onBack, onNext, before }: SheetProps) {
  const { sheet: texts } = useTexts(phone);
  const wallet = useWallet();
  const { value: sheet, error } = useLoaded(() => wallet.recoverySheet(), [wallet]);
  if (error !== undefined) return <ProblemScreen error={error} back={onBack} />;
  return (
    <Screen name="sheet" title={texts.title} lead={before ?? texts.lead} back={onBack}
      foot={<>
        <Button action="print" onClick={() => print()}><PrintIcon /> {texts.print}</Button>
        <Button kind="primary" action="sheet-next" off={!sheet} onClick={onNext}>{texts.next}</Button>
      </>}>
      {before && <p class="no-print">{texts.lead}</p>}
      {!sheet && <Progress text={texts.title} />}
      {sheet && <WordList sheet={sheet} />}
      {sheet && <div class="no-print"><Qr text={sheet.link} label={texts.qr} /></div>}
      <div class="no-print"><Notice kind="warn"><p>{texts.secret}</p></Notice></div>
      {sheet && <Printed sheet={sheet} />}
    </Screen>
  );
}

function WordList({ sheet }: { sheet: RecoverySheet }) {
  const { sheet: texts } = useTexts(phone);
  return (
    <ol class="sheet-words" aria-label={texts.words} lang="en" data-words>
      {sheet.words.map((it, at) => <li key={at}><span class="word-number figures">{at + 1}</span><b>{it}</b></li>)}
    </ol>
  );
}

/** One page of paper: what it is, how it is used, the words, the code. */
function Printed({ sheet }: { sheet: RecoverySheet }) {
  const { sheet: { printed: texts, qr } } = useTexts(phone);
  const language = useLanguage();
  const wallet = useWallet();
  return (
    <div class="print-only printed" aria-hidden="true">
      <p class="printed-title"><Mark size={36} /> {texts.what}</p>
      <p>{texts.why}</p>
      <div class="printed-columns">
        <ol class="sheet-words" lang="en">
          {sheet.words.map((it, at) => <li key={at}><span class="word-number figures">{at + 1}</span><b>{it}</b></li>)}
        </ol>
        <Qr text={sheet.link} label={qr} />
      </div>
      <p>{texts.how(location.host)}</p>
      <p class="printed-facts">
        {texts.made}: {date(Date.now(), language)}<br />
        {texts.vault}: <span class="mono">{wallet.vault}</span><br />
        {texts.service}: {location.host}
      </p>
    </div>
  );
}
