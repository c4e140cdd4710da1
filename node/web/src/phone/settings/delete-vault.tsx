// Deleting it all: a word is typed, then the person is verified.
import { useState } from "preact/hooks";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { back } from "../route.ts";
import { erased, useWallet } from "../state.ts";

export function DeleteVault() {
  const { removal: texts } = useTexts(phone);
  const wallet = useWallet();
  const task = useTask();
  const [typed, setTyped] = useState("");
  const isTyped = typed.trim().toLowerCase() === texts.word;
  const remove = () => task.run("delete", async () => {
    erased.set("going");
    try {
      await wallet.deleteVault();
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
    </Screen>
  );
}
