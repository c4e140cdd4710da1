// The recovery sheet later on: still to be made, or to be checked, or made anew.
import { useState } from "preact/hooks";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ScanIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { WORDS, Words } from "../enrol/words.tsx";
import { type Task, useTask } from "../hooks.ts";
import { back, go } from "../route.ts";
import { ScanSheet } from "../sheet/scan.tsx";
import { Sheet } from "../sheet/sheet.tsx";
import { changes, useWallet } from "../state.ts";

export function SheetSetting() {
  const wallet = useWallet();
  useStore(changes);
  const task = useTask();
  return wallet.isSheetTried
    ? <Tried task={task} />
    : <Sheet onBack={() => back({ at: "settings" })} onNext={() => go({ at: "sheet-try" })} />;
}

function Tried({ task }: { task: Task }) {
  const { sheet: texts, tryOut, recover } = useTexts(phone);
  const wallet = useWallet();
  const [words, setWords] = useState<string[]>([]);
  const [isScanning, scan] = useState(false);
  const [isAsking, ask] = useState(false);
  const [opens, setOpens] = useState(false);
  const tryIt = (text: string) => {
    setOpens(false);
    task.run("try", async () => {
      await wallet.trySheet(text);
      setOpens(true);
      setWords([]);
    });
  };
  if (isScanning) {
    return (
      <ScanSheet onBack={() => scan(false)} onSheet={(link) => {
        scan(false);
        tryIt(link);
      }} />
    );
  }
  const missing = WORDS - words.filter(Boolean).length;
  return (
    <Screen name="sheet-check" title={texts.title} lead={texts.gone.text} back={() => back({ at: "settings" })}
      foot={<Button kind="primary" action="check-sheet" off={missing > 0 || task.busy !== undefined} why="missing" onClick={() => tryIt(words.join(" "))}>{texts.check}</Button>}>
      {opens && <Notice kind="ok" alert><p>{texts.opens}</p></Notice>}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {task.busy && <Progress text={tryOut.busy} />}
      <p>{texts.checkLead}</p>
      <Button action="scan-sheet" onClick={() => scan(true)}><ScanIcon /> {tryOut.scan}</Button>
      <Words words={words} onWords={setWords} />
      {missing > 0 && missing < WORDS && <p class="muted small" id="missing">{recover.missing(missing)}</p>}
      <section class="card stack">
        <h2>{texts.renew.title}</h2>
        <p class="muted">{texts.renew.text}</p>
        <Button action="renew-sheet" onClick={() => ask(true)}>{texts.renew.do}</Button>
      </section>
      {isAsking && (
        <Dialog name="renew-sheet" title={texts.renew.title} onClose={() => ask(false)}
          confirm={{ action: "confirm-renew-sheet", text: texts.renew.do, onClick: () => {
            ask(false);
            task.run("renew", async () => {
              await wallet.renewSheet();
              changes.set(changes.get() + 1);
            });
          } }}>
          <p>{texts.renew.confirm}</p>
        </Dialog>
      )}
    </Screen>
  );
}
