// Making a vault: one name, one confirmation. Who came by a code sees first who asks.
import { useState } from "preact/hooks";
import { BadInput, type SessionLink, Wallet } from "../../core/wallet.ts";
import { clock } from "../../texts/format.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { BankIcon } from "../../ui/icons.tsx";
import { LanguageSwitch } from "../../ui/language-switch.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded, useNow, useTask } from "../hooks.ts";
import { wallet } from "../state.ts";
import { isInSafari } from "../support.ts";
import { openUntil } from "../consent/phase.ts";
import { deviceNameKind } from "./device-name.ts";

export interface EnrolProps {
  link: SessionLink | undefined;
  onBack?: (() => void) | undefined;
  onRecover: () => void;
  /** The vault is made: goes on at once. */
  onMade: () => void;
}

export function Enrol({ link, onBack, onRecover, onMade }: EnrolProps) {
  const { enrol: texts, welcome } = useTexts(phone);
  const [name, setName] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const task = useTask();
  const asker = useLoaded(async () => (link ? await Wallet.peek(link) : undefined), [link]);
  const shownName = name ?? texts.names[deviceNameKind()];
  const make = () => {
    const deviceName = shownName.trim();
    const isWrong = deviceName === "" || deviceName.length > 80;
    setWrong(isWrong ? texts.nameMissing : undefined);
    if (isWrong) return;
    task.run("enrol", async () => {
      wallet.set(await enrolled(deviceName));
      onMade();
    });
  };
  const title = !link ? texts.title
    : asker.value ? texts.askedTitle(asker.value.institution.name)
    : texts.askedUnknown;
  return (
    <Screen name="enrol" title={title} lead={link && texts.askedLead} {...(onBack ? { back: onBack } : {})} end={<LanguageSwitch />}
      foot={<>
        {task.busy && <Progress text={texts.busy} />}
        {task.error !== undefined && <ProblemNotice error={task.error} />}
        <Button kind="primary" action="enrol" off={task.busy !== undefined} onClick={make}>{link ? texts.makeAndGo : texts.make}</Button>
        {link && <Button kind="quiet" action="recover" onClick={onRecover}>{welcome.recover}</Button>}
      </>}>
      {link && (
        asker.error !== undefined ? <ProblemNotice error={asker.error} />
        : !asker.value ? <Progress text={texts.verifying} />
        : <div class="card asker">
            <span class="row-icon"><BankIcon size={28} /></span>
            <div class="row-text">
              <span class="row-name">{asker.value.institution.name}</span>
              {asker.value.frontEnd && <span>{texts.where(asker.value.frontEnd.name, asker.value.frontEnd.place)}</span>}
              <Left until={openUntil(asker.value)} />
            </div>
          </div>
      )}
      <form onSubmit={(event) => { event.preventDefault(); make(); }}>
        <Field name="device-name" label={texts.name} hint={texts.nameHint} value={shownName} onInput={setName} error={wrong} maxLength={80} />
      </form>
      {link && isInSafari() && <Notice><p>{texts.safari}</p></Notice>}
      <section class="stack" aria-labelledby="what">
        <h2 id="what">{texts.what}</h2>
        <ol class="steps">{texts.steps.map((it) => <li key={it}>{it}</li>)}</ol>
      </section>
    </Screen>
  );
}

/** Another tab may have made it meanwhile: then it is that one. */
async function enrolled(deviceName: string): Promise<Wallet | undefined> {
  try {
    return await Wallet.enrol({ deviceName });
  } catch (error) {
    const found = error instanceof BadInput && error.reason === "exists" ? await Wallet.open() : undefined;
    if (found) return found;
    throw error;
  }
}

function Left({ until }: { until: number }) {
  const { enrol: texts } = useTexts(phone);
  const left = until - useNow();
  return <span class="muted small figures">{left > 0 ? texts.left(clock(left)) : texts.leftOver}</span>;
}
