// One item: its value, where it was lent to, and what can be done with it.
import { useEffect, useState } from "preact/hooks";
import { jsonValue, type StoredItem } from "../../core/wallet.ts";
import { moment } from "../../texts/format.ts";
import { itemName } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ClockIcon, EditIcon, GoIcon, LendIcon, TrashIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { Value } from "../../ui/value.tsx";
import { useLoaded, useTask } from "../hooks.ts";
import { useGrants } from "../lent/known.ts";
import { back, go } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { shownItem } from "./opened.ts";

export function ItemScreen({ path }: { path: string }) {
  const { item: texts, items } = useTexts(vault);
  const language = useLanguage();
  const wallet = useWallet();
  const turn = useStore(changes);
  const loaded = useLoaded(() => wallet.get(path), [wallet, path, turn]);
  const lent = useGrants();
  const task = useTask();
  const [isAsking, ask] = useState(false);
  const name = itemName(path, language);
  const now = lent.filter((it) => it.paths.includes(path) && (it.state === "active" || it.state === "paused"));
  return (
    <Screen name="item" id={path} title={name} back={() => back()}
      foot={<Button kind="primary" action="edit-item" onClick={() => go({ at: "edit", path })}><EditIcon /> {texts.edit}</Button>}>
      {loaded.error !== undefined && <ProblemNotice error={loaded.error} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {!loaded.value && loaded.isLoading && <Progress text={items.loading} />}
      {loaded.value && <Opened item={loaded.value} />}
      <div class="rows rows-card">
        {now?.map((it) => (
          <Row key={it.id} action="open-grant" Icon={LendIcon} text={`${texts.lentTo} ${it.institution.name ?? ""}`} onClick={() => go({ at: "grant", id: it.id })} />
        ))}
        <Row action="history" Icon={ClockIcon} text={texts.history} onClick={() => go({ at: "history", path })} />
        <Row action="delete-item" Icon={TrashIcon} danger text={texts.remove} onClick={() => ask(true)} />
      </div>
      {isAsking && (
        <Dialog name="delete-item" title={texts.removeTitle(name)} onClose={() => ask(false)}
          confirm={{ action: "confirm-delete-item", text: texts.remove, danger: true, onClick: () => {
            ask(false);
            task.run("delete", async () => {
              await wallet.delete([path]);
              changes.set(changes.get() + 1);
              back();
            });
          } }}>
          <p>{texts.removeText}</p>
        </Dialog>
      )}
    </Screen>
  );
}

function Row({ action, Icon, text, danger = false, onClick }: { action: string; Icon: typeof GoIcon; text: string; danger?: boolean; onClick: () => void }) {
  return (
    <button type="button" class={danger ? "row-link row-danger" : "row-link"} data-action={action} onClick={onClick}>
      <span class="row-icon"><Icon size={22} /></span>
      <span class="row-text">{text}</span>
      {!danger && <span class="row-go"><GoIcon size={20} /></span>}
    </button>
  );
}

export function Opened({ item }: { item: StoredItem }) {
  const { item: texts } = useTexts(vault);
  const language = useLanguage();
  return (
    <div class="card stack">
      <div class="value"><Value of={shownItem(item, language)} /></div>
      {jsonValue(item) === undefined && <FileView item={item} />}
      <p class="muted small">{texts.changed(moment(item.modified, language))}</p>
    </div>
  );
}

/** A picture is shown; anything else can be saved. */
function FileView({ item }: { item: StoredItem }) {
  const { item: texts } = useTexts(vault);
  const language = useLanguage();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([item.value as BlobPart], { type: item.mediaType }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [item]);
  if (!url) return null;
  const name = itemName(item.path, language);
  return (
    <div class="stack">
      {/^image\/(png|jpeg|gif|webp|avif)$/.test(item.mediaType) && <img class="picture" src={url} alt={name} />}
      <a class="button" href={url} download={name} data-action="download-item">{texts.download}</a>
    </div>
  );
}
