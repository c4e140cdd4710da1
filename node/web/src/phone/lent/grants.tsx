// What was lent to whom, as the node tells it, or as it was last seen.
import { type Grant, Unreachable } from "../../core/wallet.ts";
import { relative, shortMoment } from "../../texts/format.ts";
import { phone } from "../../texts/phone.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { GoIcon, ScanIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { useLoaded } from "../hooks.ts";
import { Offline } from "../offline.tsx";
import { go } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { Tabs } from "../tabs.tsx";
import { isLive, namesOf, tagOf } from "./lists.ts";

export function Grants() {
  const { lent: texts, items } = useTexts(vault);
  const words = useTexts(phone);
  const language = useLanguage();
  const wallet = useWallet();
  const turn = useStore(changes);
  const last = useLoaded(() => wallet.lastGrants(), [wallet]);
  const now = useLoaded(() => wallet.grants(), [wallet, turn]);
  const grants = now.value ?? last.value?.grants;
  const isOld = now.value === undefined && last.value !== undefined && now.error instanceof Unreachable;
  return (
    <Screen name="grants" title={texts.title}
      foot={<>
        <Button kind="primary" action="scan" onClick={() => go({ at: "scan" })}><ScanIcon /> {words.scan}</Button>
        <Tabs now="grants" />
      </>}>
      {isOld && last.value ? <p class="muted" role="status">{texts.asOf(relative(last.value.at, language))}</p> : <Offline />}
      {now.error !== undefined && !isOld && <ProblemNotice error={now.error} />}
      {!grants && now.isLoading && <Progress text={items.loading} />}
      {grants?.length === 0 && <div class="card stack"><h2>{texts.empty.title}</h2><p class="muted">{texts.empty.text}</p></div>}
      {grants && <List title={texts.now} grants={grants.filter(isLive)} />}
      {grants && <List title={texts.before} grants={grants.filter((it) => !isLive(it))} />}
    </Screen>
  );
}

function List({ title, grants }: { title: string; grants: Grant[] }) {
  if (grants.length === 0) return null;
  return (
    <section class="stack">
      <h2 class="group">{title}</h2>
      <ul class="rows rows-card">{grants.map((it) => <li key={it.id}><Row of={it} /></li>)}</ul>
    </section>
  );
}

function Row({ of }: { of: Grant }) {
  const { lent: texts } = useTexts(vault);
  const language = useLanguage();
  const reads = of.lastUse === undefined ? texts.never : texts.reads(of.uses, shortMoment(of.lastUse, language));
  return (
    <button type="button" class="row-link" data-action="open-grant" value={of.id} onClick={() => go({ at: "grant", id: of.id })}>
      <span class="row-text">
        <span class="row between"><span class="row-name">{of.institution.name ?? texts.someone}</span><span class={tagOf(of)}>{texts.states[of.state]}</span></span>
        <span>{namesOf(of.paths, language)}</span>
        <span class="muted small">{reads}</span>
      </span>
      <span class="row-go"><GoIcon size={20} /></span>
    </button>
  );
}
