// Trying the sheet: three words tapped while looking at the paper, or its code scanned. What
// is tried opens the vault's key as the service keeps it; only then does the sheet leave here.
import { useEffect, useRef, useState } from "preact/hooks";
import type { RecoverySheet } from "../../core/wallet.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { CheckIcon, ScanIcon } from "../../ui/icons.tsx";
import { announce } from "../../ui/announce.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice, ProblemScreen } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useWordList } from "../enrol/words.tsx";
import { useLoaded, useTask } from "../hooks.ts";
import { changes, useWallet } from "../state.ts";
import { ScanSheet } from "./scan.tsx";

const QUESTIONS = 3;
const CHOICES = 4;

export function TrySheet({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const { tryOut: texts } = useTexts(phone);
  const wallet = useWallet();
  const sheet = useLoaded(() => wallet.recoverySheet(), [wallet]);
  const list = useWordList();
  const [isScanning, scan] = useState(false);
  const [isDone, finish] = useState(false);
  const task = useTask();
  const tryIt = (text: string) => task.run("try", async () => {
    await wallet.trySheet(text);
    finish(true);
    changes.set(changes.get() + 1);
  });
  if (isDone) {
    return (
      <Screen name="sheet-done" title={texts.done} figure={<div class="hero-mark hero-ok"><CheckIcon size={40} /></div>}
        foot={<Button kind="primary" action="sheet-done" onClick={onDone}>{texts.finish}</Button>} />
    );
  }
  if (isScanning) {
    return (
      <ScanSheet onBack={() => scan(false)} onSheet={(link) => {
        scan(false);
        tryIt(link);
      }} />
    );
  }
  if (sheet.error !== undefined) return <ProblemScreen error={sheet.error} back={onBack} />;
  return (
    <Screen name="sheet-try" title={texts.title} lead={texts.lead} back={onBack}
      foot={<>
        <Button action="scan-sheet" onClick={() => scan(true)}><ScanIcon /> {texts.scan}</Button>
        <Button kind="quiet" action="sheet" onClick={onBack}>{texts.look}</Button>
      </>}>
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {task.busy ? <Progress text={texts.busy} />
        : sheet.value && list && <Questions sheet={sheet.value} list={list} onFound={tryIt} />}
    </Screen>
  );
}

interface Question {
  /** The word's place, from 0. */
  readonly at: number;
  readonly choices: readonly string[];
}

function Questions({ sheet, list, onFound }: { sheet: RecoverySheet; list: readonly string[]; onFound: (words: string) => void }) {
  const { tryOut: texts } = useTexts(phone);
  const [questions] = useState(() => ask(sheet.words, list));
  const [done, setDone] = useState(0);
  const [isWrong, setWrong] = useState(false);
  const legend = useRef<HTMLLegendElement>(null);
  useEffect(() => {
    // The word that was tapped is gone with its question.
    if (done > 0) legend.current?.focus();
  }, [done]);
  const question = questions[Math.min(done, QUESTIONS - 1)];
  if (!question) return null;
  const choose = (word: string) => {
    const isRight = word === sheet.words[question.at];
    setWrong(!isRight);
    if (!isRight) return;
    setDone(done + 1);
    const next = questions[done + 1];
    announce(next ? `${texts.right} ${texts.which(next.at + 1)}` : texts.right);
    if (!next) onFound(sheet.words.join(" "));
  };
  return (
    <fieldset class="stack" data-question={question.at + 1}>
      <legend class="question" tabIndex={-1} ref={legend}>{texts.which(question.at + 1)}</legend>
      <div class="choices">
        {question.choices.map((it) => (
          <button key={it} type="button" class="button" lang="en" data-action="word" value={it} onClick={() => choose(it)}>{it}</button>
        ))}
      </div>
      {isWrong && <Notice kind="warn" alert><p>{texts.wrong}</p></Notice>}
      <p class="muted small" aria-hidden="true">{texts.progress(done, QUESTIONS)}</p>
    </fieldset>
  );
}

/** Three places, each with its word among three others of the list. */
function ask(words: readonly string[], list: readonly string[]): Question[] {
  const places = shuffled(words.map((_, at) => at)).slice(0, QUESTIONS).sort((a, b) => a - b);
  return places.map((at) => {
    const others = shuffled(list.filter((it) => !words.includes(it))).slice(0, CHOICES - 1);
    return { at, choices: shuffled([words[at] ?? "", ...others]) };
  });
}

function shuffled<T>(all: readonly T[]): T[] {
  const random = crypto.getRandomValues(new Uint32Array(all.length));
  return all.map((it, at) => ({ it, key: random[at] ?? 0 })).sort((a, b) => a.key - b.key).map(({ it }) => it);
}
