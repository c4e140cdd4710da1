// Who, where, for what: shown before anything is taken or told.
import type { ComponentChildren } from "preact";
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
import { openUntil } from "./phase.ts";

function Line({ Icon, name, children }: { Icon: typeof BankIcon; name: string; children: ComponentChildren }) {
  return (
    <li>
      <span class="row-icon"><Icon /></span>
      <span class="row-text"><span class="row-label">{name}</span>{children}</span>
    </li>
  );
}

export function SessionScreen({ scanned, busy, error, onGo, onLeave }: { scanned: Scanned; busy: boolean; error: unknown; onGo: () => void; onLeave: () => void }) {
  const { session: texts, leave } = useTexts(consent);
  const left = openUntil(scanned) - useNow();
  const { institution, frontEnd } = scanned;
  return (
    <Screen name="session" title={texts.title(institution.name)}
      foot={<>
        {busy && <Progress text={texts.busy} />}
        <p class="muted small figures center">{left > 0 ? texts.left(clock(left)) : texts.leftOver}</p>
        <Button kind="primary" action="claim" off={busy} onClick={onGo}>{texts.go}</Button>
        <Button kind="quiet" action="leave" onClick={onLeave}>{leave}</Button>
      </>}>
      <ul class="rows rows-card who">
        <Line Icon={BankIcon} name={texts.who}><strong>{institution.name}</strong><span class="muted small">{texts.approved}</span></Line>
        <Line Icon={PinIcon} name={texts.where}><strong>{frontEnd ? texts.place(frontEnd.name, frontEnd.place) : texts.here}</strong></Line>
        <Line Icon={InfoIcon} name={texts.what}><span>{texts.whatText}</span></Line>
      </ul>
      <p>{frontEnd ? texts.check : texts.checkHere}</p>
      {error !== undefined && <ProblemNotice error={error} />}
    </Screen>
  );
}
