// Who, where, for what: shown before anything is taken or told.
import type { Scanned } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { clock } from "../../texts/format.ts";
import { Button } from "../../ui/button.tsx";
import { BankIcon, InfoIcon, PinIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useNow } from "../hooks.ts";

export function SessionScreen({ scanned, busy, error, onGo, onLeave }: { scanned: Scanned; busy: boolean; error: unknown; onGo: () => void; onLeave: () => void }) {
  const { session: texts, leave } = useTexts(consent);
  const left = scanned.expires - useNow();
  const { institution, frontEnd } = scanned;
  return (
    <Screen name="session" title={texts.title(institution.name)}
      foot={<>
        {busy && <Progress text={texts.busy} />}
        <p class="muted small figures center">{texts.left(clock(left))}</p>
        <Button kind="primary" action="claim" off={busy} onClick={onGo}>{texts.go}</Button>
        <Button kind="quiet" action="leave" onClick={onLeave}>{leave}</Button>
      </>}>
      <dl class="rows rows-card who">
        <div>
          <span class="row-icon"><BankIcon /></span>
          <div><dt>{texts.who}</dt><dd>{institution.name}</dd><dd class="muted small">{texts.approved}</dd></div>
        </div>
        <div>
          <span class="row-icon"><PinIcon /></span>
          <div><dt>{texts.where}</dt><dd>{frontEnd ? texts.place(frontEnd.name, frontEnd.place) : texts.here}</dd></div>
        </div>
        <div>
          <span class="row-icon"><InfoIcon /></span>
          <div><dt>{texts.what}</dt><dd class="plain">{texts.whatText}</dd></div>
        </div>
      </dl>
      <p>{frontEnd ? texts.check : texts.checkHere}</p>
      {error !== undefined && <ProblemNotice error={error} />}
    </Screen>
  );
}
