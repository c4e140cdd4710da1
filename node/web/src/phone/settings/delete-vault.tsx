// Deleting it all: a word is typed, then the person is verified.
import { useState } from "preact/hooks";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { back, replace } from "../route.ts";
import { erased, useWallet, wallet } from "../state.ts";

export function DeleteVault() {
  const { removal: texts, forgotten } = useTexts(phone);
  const own = useWallet();
  const [isAsking, ask] = useState(false);
  const task = useTask();
  const [typed, setTyped] = useState("");
  const isTyped = typed.trim().toLowerCase() === texts.word;
  const remove = () => task.run("delete", async () => {
    erased.set("going");
    try {
      await own.deleteVault();
      erased.set("gone");
    } catch (error) {
      erased.set("no");
      throw error;
    }
  });
  return (
    <Screen name="delete-vault" title={texts.title} lead={texts.lead} back={() => back({ at: "settings" })}
      foot={<>
        {task.busy && <Progress text={texts.busy} />}
        <Button kind="danger-primary" action="delete-vault" off={!isTyped || task.busy !== undefined} onClick={remove}>{texts.do}</Button>
      </>}>
      <Notice kind="danger"><p>{texts.forEver}</p></Notice>
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      <form onSubmit={(event) => { event.preventDefault(); if (isTyped) remove(); }}>
        <Field name="word" label={texts.typed(texts.word)} value={typed} onInput={setTyped} maxLength={20} />
      </form>
      <section class="card stack">
        <h2>{forgotten.title}</h2>
        <p class="muted">{forgotten.text} {forgotten.back}</p>
        <Button kind="danger" action="forget" off={task.busy !== undefined} onClick={() => ask(true)}>{forgotten.do}</Button>
      </section>
      {isAsking && (
        <Dialog name="forget" title={forgotten.title} onClose={() => ask(false)}
          confirm={{ action: "confirm-forget", text: forgotten.do, danger: true, onClick: () => {
            ask(false);
            task.run("forget", async () => {
              await own.forget();
              replace({ at: "items" }, "/");
              wallet.set(undefined);
            });
          } }}>
          <p>{forgotten.text} {forgotten.back}</p>
        </Dialog>
      )}
    </Screen>
  );
}
