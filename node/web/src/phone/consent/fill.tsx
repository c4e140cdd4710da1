// What is asked for and not in the vault is added here, all in one step; before the first
// item ever, the recovery sheet is made and tried.
import { useEffect, useState } from "preact/hooks";
import type { Asked, AskedItem } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { Editor } from "../items/editor.tsx";
import { type Draft, kindOf, type Wrong, wrongIn } from "../items/kinds.ts";
import { newItem } from "../items/new-items.ts";
import { Sheet } from "../sheet/sheet.tsx";
import { TrySheet } from "../sheet/try.tsx";
import { changes, useWallet } from "../state.ts";
import { missing } from "./ticks.ts";

export interface FillProps {
  asked: Asked;
  /** The item that was tapped. */
  first: string | undefined;
  onLeave: () => void;
  /** Stored; these paths can be ticked now. */
  onSaved: (paths: string[]) => Promise<void>;
}

export function Fill({ asked, first, onLeave, onSaved }: FillProps) {
  const { sheet } = useTexts(phone);
  const wallet = useWallet();
  const [step, setStep] = useState<"sheet" | "try" | "form">(wallet.isSheetTried ? "form" : "sheet");
  switch (step) {
    case "sheet": return <Sheet before={sheet.before} onBack={onLeave} onNext={() => setStep("try")} />;
    case "try": return <TrySheet onBack={() => setStep("sheet")} onDone={() => setStep("form")} />;
    case "form": return <Form asked={asked} first={first} onLeave={onLeave} onSaved={onSaved} />;
  }
}

/** The first input of an item: those of its parts are named by its path too. */
const inputOf = (path: string) => document.querySelector<HTMLElement>(`[name="${path}"], [name^="${path}."]`);

function Form({ asked, first, onLeave, onSaved }: FillProps) {
  const { fill: texts } = useTexts(consent);
  const wallet = useWallet();
  const [absent] = useState(() => missing(asked));
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({});
  const [wrongs, setWrongs] = useState<Readonly<Record<string, Wrong | undefined>>>({});
  const [isEmpty, setEmpty] = useState(false);
  const task = useTask();
  useEffect(() => {
    if (first) inputOf(first)?.focus();
  }, []);
  const all = [...absent.needed, ...absent.alternatives.flatMap((it) => it.items), ...absent.optional];
  const save = () => {
    const checked = all.map(({ path }) => ({ path, kind: kindOf(path), draft: drafts[path], wrong: wrongIn(kindOf(path), drafts[path]) }));
    const isNeeded = (path: string) => absent.needed.some((it) => it.path === path);
    // Leaving out what is not needed is no mistake.
    const wrong = checked.filter((it) => it.wrong && (it.wrong !== "empty" || isNeeded(it.path)));
    const filled = checked.filter((it) => it.draft && !it.wrong);
    setWrongs(Object.fromEntries(wrong.map((it) => [it.path, it.wrong])));
    setEmpty(wrong.length === 0 && filled.length === 0);
    if (wrong.length > 0 || filled.length === 0) {
      const path = wrong[0]?.path;
      if (path) inputOf(path)?.focus();
      return;
    }
    task.run("save", async () => {
      await wallet.put(filled.flatMap((it) => (it.draft ? [newItem(it.path, it.kind, it.draft)] : [])));
      changes.set(changes.get() + 1);
      await onSaved(filled.map((it) => it.path));
    });
  };
  const editor = ({ path }: AskedItem) => (
    <Editor key={path} path={path} kind={kindOf(path)} draft={drafts[path]} wrong={wrongs[path]}
      onDraft={(draft) => setDrafts((before) => ({ ...before, [path]: draft }))} />
  );
  return (
    <Screen name="fill" title={texts.title} lead={texts.lead} back={onLeave}
      foot={<>
        {task.busy && <Progress text={texts.saving} />}
        <Button kind="primary" action="save-item" off={task.busy !== undefined} onClick={save}>{texts.save}</Button>
      </>}>
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      <form class="stack stack-wide" onSubmit={(event) => { event.preventDefault(); save(); }}>
        {absent.needed.map(editor)}
        {absent.alternatives.map(({ group, items }) => (
          <fieldset key={group} class="stack part">
            <legend>{texts.oneOf}</legend>
            {items.map(editor)}
          </fieldset>
        ))}
        {absent.optional.length > 0 && (
          <details open={absent.needed.length + absent.alternatives.length === 0 || absent.optional.some((it) => it.path === first)}>
            <summary>{texts.optional}</summary>
            <div class="stack stack-wide">{absent.optional.map(editor)}</div>
          </details>
        )}
        {isEmpty && <p role="alert" class="error">{texts.nothing}</p>}
        <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Screen>
  );
}
