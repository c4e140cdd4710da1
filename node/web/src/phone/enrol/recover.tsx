// Letting this browser into a vault by its recovery sheet: the words, its link, or a scan.
import { useState } from "preact/hooks";
import { BadInput, Wallet } from "../../core/wallet.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { ScanIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useTask } from "../hooks.ts";
import { ScanSheet } from "../sheet/scan.tsx";
import { wallet } from "../state.ts";
import { deviceNameKind } from "./device-name.ts";
import { useWordList, WORDS, Words } from "./words.tsx";

export interface RecoverProps {
  /** The sheet's link, when the page was opened by it. */
  link: string | undefined;
  onBack: () => void;
  onDone: () => void;
}

export function Recover({ link, onBack, onDone }: RecoverProps) {
  const { recover: texts, enrol } = useTexts(phone);
  const list = useWordList();
  const [sheet, setSheet] = useState(link);
  const [words, setWords] = useState<string[]>([]);
  const [name, setName] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const [isScanning, scan] = useState(false);
  const task = useTask();
  const deviceName = name ?? enrol.names[deviceNameKind()];
  if (isScanning) {
    return (
      <ScanSheet onBack={() => scan(false)} onSheet={(link) => {
        scan(false);
        setSheet(link);
      }} />
    );
  }
  const check = (): string | undefined => {
    const missing = WORDS - words.filter(Boolean).length;
    if (missing > 0) return texts.missing(missing);
    const at = words.findIndex((it) => list && !list.includes(it));
    return at < 0 ? undefined : texts.unknownWord(words[at] ?? "", at + 1);
  };
  const recover = () => {
    const found = sheet ? undefined : check();
    setWrong(found);
    if (found) return;
    task.run("recover", async () => {
      try {
        wallet.set(await Wallet.recover(sheet ?? words.join(" "), { deviceName }));
        onDone();
      } catch (error) {
        if (!sheet && error instanceof BadInput && error.reason === "words") setWrong(texts.checksum);
        else throw error;
      }
    });
  };
  return (
    <Screen name="recover" title={texts.title} lead={texts.lead} back={onBack}
      foot={<>
        {task.busy && <Progress text={texts.busy} />}
        <Button kind="primary" action="recover" off={task.busy !== undefined} onClick={recover}>{texts.do}</Button>
      </>}>
      {!sheet && <Button action="scan-sheet" onClick={() => scan(true)}><ScanIcon /> {texts.scan}</Button>}
      {sheet
        ? <Notice kind="ok"><p>{texts.fromLink}</p></Notice>
        : <Words words={words} onWords={(it) => { setWords(it); setWrong(undefined); }} />}
      {wrong && <Notice kind="warn" alert><p>{wrong}</p></Notice>}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      <Field name="device-name" label={enrol.name} hint={enrol.nameHint} value={deviceName} onInput={setName} maxLength={80} />
    </Screen>
  );
}
