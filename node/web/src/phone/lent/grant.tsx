// One thing lent: to whom, what, until when, how often it was read; and the way to end it.
import { useState } from "preact/hooks";
import type { Grant } from "../../core/wallet.ts";
import { duration, moment } from "../../texts/format.ts";
import { itemName } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { PauseIcon, PlayIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { type Task, useLoaded, useTask } from "../hooks.ts";
import { Offline } from "../offline.tsx";
import { back } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { isLive, tagOf } from "./lists.ts";
import { Uses } from "./uses.tsx";

export function GrantScreen({ id }: { id: string }) {
  const { lent, items } = useTexts(vault);
  const wallet = useWallet();
  const turn = useStore(changes);
  const last = useLoaded(async () => (await wallet.lastGrants())?.grants.find((it) => it.id === id), [wallet, id]);
  const now = useLoaded(() => wallet.grant(id), [wallet, id, turn]);
  const task = useTask();
  const grant = now.value ?? last.value;
  const who = grant?.institution.name ?? lent.someone;
  return (
    <Screen name="grant" id={grant ? id : ""} title={grant ? who : lent.title} lead={grant?.words?.title} back={() => back({ at: "grants" })}
      foot={grant && isLive(grant) && <Actions grant={grant} who={who} task={task} onMoved={now.again} />}>
      <Offline />
      {now.error !== undefined && !grant && <ProblemNotice error={now.error} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {!grant && now.isLoading && <Progress text={items.loading} />}
      {grant && <Facts grant={grant} who={who} />}
      {grant && <Uses grant={grant} who={who} />}
    </Screen>
  );
}

function Actions({ grant, who, task, onMoved }: { grant: Grant; who: string; task: Task; onMoved: () => void }) {
  const { grant: texts } = useTexts(vault);
  const wallet = useWallet();
  const [isAsking, ask] = useState(false);
  const isPaused = grant.state === "paused";
  const move = (verb: "pause" | "resume" | "revoke") => task.run(verb, async () => {
    await wallet[verb](grant.id);
    onMoved();
  });
  return (
    <div class="pair">
      <Button action={isPaused ? "resume" : "pause"} off={task.busy !== undefined} onClick={() => move(isPaused ? "resume" : "pause")}>
        {isPaused ? <><PlayIcon /> {texts.resume}</> : <><PauseIcon /> {texts.pause}</>}
      </Button>
      <Button kind="danger" action="revoke" off={task.busy !== undefined} onClick={() => ask(true)}>{texts.revoke}</Button>
      {isAsking && (
        <Dialog name="revoke" title={texts.revokeTitle(who)} onClose={() => ask(false)}
          confirm={{ action: "confirm-revoke", text: texts.revokeDo, danger: true, onClick: () => { ask(false); move("revoke"); } }}>
          <p>{texts.revokeText(who)}</p>
        </Dialog>
      )}
    </div>
  );
}

function Facts({ grant, who }: { grant: Grant; who: string }) {
  const { grant: texts, lent } = useTexts(vault);
  const language = useLanguage();
  const { uses, usesMax, periodSeconds, frontEnd } = grant;
  return (
    <>
      <p role="status"><span class={tagOf(grant)} data-state={grant.state}>{lent.states[grant.state]}</span></p>
      {grant.state === "paused" && <Notice kind="warn"><p>{texts.pausedNote(who)}</p></Notice>}
      <section class="stack" aria-labelledby="what">
        <h2 id="what">{texts.what}</h2>
        <ul class="rows rows-card">{grant.paths.map((it) => <li class="line" key={it}>{itemName(it, language)}</li>)}</ul>
      </section>
      <dl class="card facts">
        {isLive(grant) && <div><dt>{texts.until}</dt><dd>{moment(grant.expires, language)}</dd></div>}
        <div><dt>{texts.since}</dt><dd>{moment(grant.created, language)}</dd></div>
        {frontEnd && <div><dt>{texts.where}</dt><dd>{frontEnd.name}, {frontEnd.place}</dd></div>}
        <div>
          <dt>{texts.reads}</dt>
          <dd>{periodSeconds === undefined ? texts.readsOf(uses, usesMax) : texts.readsOfPeriod(uses, usesMax, duration(periodSeconds, language))}</dd>
        </div>
      </dl>
      {grant.words && (
        <details>
          <summary>{texts.terms}</summary>
          <div class="stack" lang={grant.words.language}>
            <p>{grant.words.purpose}</p>
            <p class="pre">{grant.words.useStatement}</p>
            <p class="pre">{grant.words.disclaimer}</p>
          </div>
        </details>
      )}
    </>
  );
}
