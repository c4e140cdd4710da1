// Taking everything along.
import { useState } from "preact/hooks";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { back } from "../route.ts";
import { useWallet } from "../state.ts";

const MOMENT_MS = 60_000;

export function Export() {
  const { exportAll: texts } = useTexts(phone);
  const wallet = useWallet();
  const task = useTask();
  const [isDone, finish] = useState(false);
  const save = () => task.run("export", async () => {
    const url = URL.createObjectURL(await wallet.export());
    const link = document.createElement("a");
    link.href = url;
    link.download = `symbolon-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    // The browser needs it until the file is written.
    setTimeout(() => URL.revokeObjectURL(url), MOMENT_MS);
    finish(true);
  });
  return (
    <Screen name="export" title={texts.title} lead={texts.lead} back={() => back({ at: "settings" })}
      foot={<Button kind="primary" action="export" off={task.busy !== undefined} onClick={save}>{texts.do}</Button>}>
      <Notice kind="warn"><p>{texts.warning}</p></Notice>
      {task.busy && <Progress text={texts.busy} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {isDone && !task.busy && <Notice kind="ok" alert><p>{texts.done}</p></Notice>}
    </Screen>
  );
}
