// A new item: one that is well known, or one with a name of the person's own.
import { useState } from "preact/hooks";
import { grouped, itemName, itemTexts } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { FileIcon, GoIcon, PlusIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { back } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { Editor } from "./editor.tsx";
import { type Draft, type Kind, kindOf, type Wrong, wrongIn } from "./kinds.ts";
import { addressItems, newItem, pathOfName } from "./new-items.ts";
import { useItems } from "./opened.ts";

/** What people are asked for, as institutions name it. What somebody checked is not theirs to say. */
const offered = [
  "name", "birthdate", "given_name", "family_name", "gender", "email", "phone_number", "address", "nationalities", "place_of_birth",
].map((it) => `oidc.${it}`).concat(["ida.verification.evidence"]);

type Chosen = { readonly path: string } | { readonly own: "text" | "file" };

export function AddItem() {
  const [chosen, choose] = useState<Chosen>();
  if (!chosen) return <Choose onChoose={choose} />;
  const leave = () => choose(undefined);
  return "path" in chosen ? <FillIn path={chosen.path} onLeave={leave} /> : <OwnItem first={chosen.own} onLeave={leave} />;
}

function Choose({ onChoose }: { onChoose: (chosen: Chosen) => void }) {
  const { add: texts } = useTexts(vault);
  const words = useTexts(itemTexts);
  const language = useLanguage();
  const { value, error } = useItems();
  const here = new Set(value?.map((it) => it.path));
  // Before it is known what is there, nothing is offered: a row that moves away under the finger
  // lets the next one be tapped.
  const isKnown = value !== undefined || error !== undefined;
  const open = offered.filter((it) => isKnown && !here.has(it) && ![...here].some((path) => path.startsWith(`${it}.`)));
  return (
    <Screen name="add" title={texts.title} lead={texts.lead} back={() => back()}>
      <ul class="rows rows-card">
        <li><Row action="add-file" Icon={FileIcon} text={texts.file} hint={texts.fileHint} onClick={() => onChoose({ own: "file" })} /></li>
        <li><Row action="add-other" Icon={PlusIcon} text={texts.other} hint={texts.otherHint} onClick={() => onChoose({ own: "text" })} /></li>
      </ul>
      {grouped(open, (it) => it, language).map(({ group, items }) => (
        <section key={group} class="stack" aria-labelledby={`add-${group}`}>
          <h2 class="group" id={`add-${group}`}>{words.groups[group]}</h2>
          <ul class="rows rows-card">
            {items.map((path) => (
              <li key={path}><Row action="add-known" value={path} text={itemName(path, language)} onClick={() => onChoose({ path })} /></li>
            ))}
          </ul>
        </section>
      ))}
    </Screen>
  );
}

function Row(props: { action: string; value?: string; Icon?: typeof GoIcon; text: string; hint?: string; onClick: () => void }) {
  const { Icon } = props;
  return (
    <button type="button" class="row-link" data-action={props.action} value={props.value} onClick={props.onClick}>
      {Icon && <span class="row-icon"><Icon size={22} /></span>}
      <span class="row-text">
        <span class="row-name">{props.text}</span>
        {props.hint && <span class="muted small">{props.hint}</span>}
      </span>
      <span class="row-go"><GoIcon size={20} /></span>
    </button>
  );
}

function FillIn({ path, onLeave }: { path: string; onLeave: () => void }) {
  const { item: texts } = useTexts(vault);
  const language = useLanguage();
  const wallet = useWallet();
  const kind = kindOf(path);
  const [draft, setDraft] = useState<Draft>();
  const [wrong, setWrong] = useState<Wrong>();
  const task = useTask();
  const save = () => {
    const found = wrongIn(kind, draft);
    setWrong(found);
    if (found || !draft) return;
    task.run("save", async () => {
      await wallet.put(path === "oidc.address" ? addressItems(path, kind, draft) : [newItem(path, kind, draft)]);
      changes.set(changes.get() + 1);
      back();
    });
  };
  return (
    <Screen name="add-item" id={path} title={itemName(path, language)} back={onLeave}
      foot={<Button kind="primary" action="save-item" onClick={save}>{texts.save}</Button>}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); save(); }}>
        <Editor path={path} kind={kind} draft={draft} onDraft={setDraft} wrong={wrong} isTitled />
      </form>
      {task.busy && <Progress text={texts.saving} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
    </Screen>
  );
}

const ownKinds = ["text", "lines", "date", "yes", "country", "file"] as const;

function OwnItem({ first, onLeave }: { first: "text" | "file"; onLeave: () => void }) {
  const { add: texts, item } = useTexts(vault);
  const wallet = useWallet();
  const here = useItems().value;
  const [name, setName] = useState("");
  const [kindName, setKindName] = useState<keyof typeof texts.kinds>(first);
  const [draft, setDraft] = useState<Draft>();
  const [nameWrong, setNameWrong] = useState<string>();
  const [wrong, setWrong] = useState<Wrong>();
  const task = useTask();
  const kind: Kind = { kind: kindName };
  const bare = pathOfName(name);
  const path = bare && (kindName === "file" ? `documents.${bare}` : bare);
  const save = () => {
    const isTaken = here?.some((it) => it.path === path || it.path.startsWith(`${path}.`));
    setNameWrong(!path ? texts.nameMissing : isTaken ? texts.exists : undefined);
    const found = wrongIn(kind, draft);
    setWrong(found);
    if (!path || isTaken || found || !draft) return;
    task.run("save", async () => {
      await wallet.put([newItem(path, kind, draft)]);
      changes.set(changes.get() + 1);
      back();
    });
  };
  return (
    <Screen name="add-item" id={`own-${first}`} title={first === "file" ? texts.file : texts.other} back={onLeave}
      foot={<Button kind="primary" action="save-item" onClick={save}>{item.save}</Button>}>
      <form class="stack stack-wide" onSubmit={(event) => { event.preventDefault(); save(); }}>
        <Field name="name" label={texts.name} hint={texts.nameHint} value={name} onInput={setName} error={nameWrong} maxLength={64} />
        <Select name="kind" label={texts.kind} value={kindName}
          onInput={(it) => { setKindName(it as typeof kindName); setDraft(undefined); setWrong(undefined); }}
          options={ownKinds.map((it) => ({ value: it, text: texts.kinds[it] }))} />
        <Editor key={kindName} path="value" kind={kind} draft={draft} onDraft={setDraft} wrong={wrong} />
      </form>
      {task.busy && <Progress text={item.saving} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
    </Screen>
  );
}
