// Reverse start: the phone shows a code, the terminal scans it and starts with it. So nobody
// can start a request at a person who did not ask.
import { useEffect } from "preact/hooks";
import { consent } from "../../texts/consent.ts";
import { clock } from "../../texts/format.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Qr } from "../../ui/qr.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded, useNow, useTask } from "../hooks.ts";
import { back } from "../route.ts";
import { openLink, useWallet } from "../state.ts";

export function ShowCode() {
  const { show: texts } = useTexts(consent);
  const { tryAgain } = useTexts(shared);
  const wallet = useWallet();
  const shown = useLoaded(() => wallet.showCode(), [wallet]);
  const waiting = useTask();
  const code = shown.value;
  const now = useNow();
  const left = code ? code.expires - now : 0;
  const isOver = code !== undefined && left <= 0;
  useEffect(() => {
    if (!code) return;
    const stop = new AbortController();
    waiting.run("wait", async () => {
      try {
        const link = await wallet.invitation(code, stop.signal);
        if (link && !stop.signal.aborted) openLink(link);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    });
    return () => stop.abort();
  }, [code]);
  return (
    <Screen name="show-code" title={isOver ? texts.over : texts.title} lead={isOver ? undefined : texts.lead} back={() => back()}
      foot={(isOver || shown.error !== undefined) && <Button kind="primary" action="renew-code" onClick={shown.again}>{isOver ? texts.renew : tryAgain}</Button>}>
      {shown.error !== undefined && <ProblemNotice error={shown.error} />}
      {waiting.error !== undefined && <ProblemNotice error={waiting.error} />}
      {code && !isOver && (
        <>
          <Qr text={code.link} label={texts.label} />
          <p class="figures center muted" role="timer">{texts.left(clock(left))}</p>
          <Progress text={texts.waiting} />
        </>
      )}
    </Screen>
  );
}
