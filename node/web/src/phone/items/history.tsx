// The versions of an item that this device knows of.
import { useState } from "preact/hooks";
import { type PastVersion, Problem, type StoredItem } from "../../core/wallet.ts";
import { moment } from "../../texts/format.ts";
import { itemName } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { Value } from "../../ui/value.tsx";
import { useLoaded, useTask } from "../hooks.ts";
import { back } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { shownItem } from "./opened.ts";

export function History({ path }: { path: string }) {
  const { history: texts } = useTexts(vault);
  const language = useLanguage();
  const wallet = useWallet();
  const turn = useStore(changes);
  const loaded = useLoaded(() => wallet.history(path), [wallet, path, turn]);
  return (
    <Screen name="history" id={path} title={texts.title} lead={itemName(path, language)} back={() => back({ at: "item", path })}>
      {loaded.error !== undefined && <ProblemNotice error={loaded.error} />}
      {loaded.value && loaded.value.length < 2 && <p class="muted">{texts.none}</p>}
      {loaded.value && <ol class="rows rows-card">{loaded.value.map((it) => <li key={it.version}><Version path={path} of={it} /></li>)}</ol>}
    </Screen>
  );
}

function Version({ path, of }: { path: string; of: PastVersion }) {
  const { history: texts } = useTexts(vault);
  const language = useLanguage();
  const wallet = useWallet();
  const task = useTask();
  const [item, show] = useState<StoredItem>();
  const isGone = task.error instanceof Problem && task.error.code === "not_found";
  return (
    <div class="version stack">
      <div class="row">
        <div class="row-text">
          <span class="row-name">{moment(of.at, language)}</span>
          <span class="muted small">
            {of.isDeletion ? texts.deleted : texts.version(of.version)}
          </span>
        </div>
        {of.isCurrent && !of.isDeletion && <span class="tag tag-ok">{texts.now}</span>}
        {!of.isDeletion && !item && (
          <Button kind="quiet" action="show-version" value={String(of.version)}
            onClick={() => task.run("show", async () => show(await wallet.getVersion(path, of.version)))}>{texts.show}</Button>
        )}
      </div>
      {item && <div class="value"><Value of={shownItem(item, language)} /></div>}
      {isGone ? <p class="muted" role="status">{texts.gone}</p> : task.error !== undefined && <ProblemNotice error={task.error} />}
    </div>
  );
}
