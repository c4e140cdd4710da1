// Changing an item, or filling in one that was chosen from the list.
import { useEffect, useState } from "preact/hooks";
import { jsonValue } from "../../core/wallet.ts";
import { itemName } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded, useTask } from "../hooks.ts";
import { useGrants } from "../lent/known.ts";
import { back } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { Editor } from "./editor.tsx";
import { type Draft, type Kind, kindOfStored, type Wrong, wrongIn } from "./kinds.ts";
import { newItem } from "./new-items.ts";

export function EditItem({ path }: { path: string }) {
  const { edit: texts, item: own, items } = useTexts(vault);
  const language = useLanguage();
  const wallet = useWallet();
  const stored = useLoaded(() => wallet.get(path), [wallet, path]);
  const lent = useGrants();
  const [kind, setKind] = useState<Kind>();
  const [draft, setDraft] = useState<Draft>();
  const [wrong, setWrong] = useState<Wrong>();
  const task = useTask();
  useEffect(() => {
    if (!stored.value || kind) return;
    const json = jsonValue(stored.value);
    setKind(kindOfStored(stored.value));
    if (json !== undefined) setDraft({ json });
  }, [stored.value]);
  const isLent = lent.some((it) => it.paths.includes(path) && it.state === "active" && !it.coversFuture);
  const save = () => {
    if (!kind) return;
    const found = wrongIn(kind, draft);
    setWrong(found);
    if (found || !draft) return;
    task.run("save", async () => {
      await wallet.put([newItem(path, kind, draft)]);
      changes.set(changes.get() + 1);
      back({ at: "item", path });
    });
  };
  return (
    <Screen name="edit" id={path} title={texts.title(itemName(path, language))} back={() => back({ at: "item", path })}
      foot={<Button kind="primary" action="save-item" off={!kind} onClick={save}>{own.save}</Button>}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); save(); }}>
        {stored.error !== undefined && <ProblemNotice error={stored.error} />}
        {!kind && stored.isLoading && <Progress text={items.loading} />}
        {kind && <Editor path={path} kind={kind} draft={draft} onDraft={setDraft} wrong={wrong} isTitled />}
      </form>
      {isLent && <p class="muted">{texts.changedNote}</p>}
      {task.busy && <Progress text={own.saving} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
    </Screen>
  );
}
