import { useContext, useEffect, useState } from "preact/hooks";
import type { FrontEnd } from "../../core/front-end.ts";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Progress } from "../../ui/progress.tsx";
import { Qr } from "../../ui/qr.tsx";
import { Countdown } from "../countdown.tsx";
import { Desk } from "../desk.ts";
import { Frame, Place } from "../frame.tsx";
import type { Shown } from "../shown.ts";
import { OPEN_MS } from "../time.ts";
import { Hero } from "./hero.tsx";

export interface CodeProps {
  shown: Shown & { name: "code" };
  frontEnd: FrontEnd;
  cancel: () => void;
}

/** The code, as large as there is room, with what the phone must show. */
export function Code({ shown, frontEnd, cancel }: CodeProps) {
  const t = useTexts(texts).code;
  const { cancel: word } = useTexts(shared);
  const desk = useContext(Desk);
  return (
    <Frame
      name="code"
      id={shown.session}
      layout="split"
      title={t.title}
      lead={t.lead}
      figure={<></>}
      foot={
        <>
          <div class="check">
            <p class="muted">{t.check}</p>
            {desk && <Place name={desk.name} place={desk.place} />}
          </div>
          <Countdown until={shown.expires} of={OPEN_MS} text={t.waits} say={{ 60: t.half, 20: t.last }} />
          <Button action="cancel" onClick={cancel}>{word}</Button>
        </>
      }
    >
      {shown.link !== undefined
        ? <Qr text={shown.link} label={t.label} />
        : <NodesCode session={shown.session} frontEnd={frontEnd} label={t.label} />}
    </Frame>
  );
}

/** The code of a session that was opened before this page was loaded: the node draws it. */
function NodesCode({ session, frontEnd, label }: { session: string; frontEnd: FrontEnd; label: string }) {
  const { loading } = useTexts(shared);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let drawn: string | undefined;
    let isOver = false;
    // If it cannot be drawn, the session is over or the node away: the events say which.
    frontEnd.qrImage(session).then(
      (made) => {
        drawn = made;
        if (isOver) URL.revokeObjectURL(made);
        else setUrl(made);
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      if (drawn !== undefined) URL.revokeObjectURL(drawn);
    };
  }, [session]);
  if (url === undefined) return <Progress text={loading} />;
  return <div class="qr" data-qr><img src={url} alt={label} /></div>;
}

export interface InvitedProps {
  shown: Shown & { name: "invited" };
  cancel: () => void;
}

/** The phone that showed a code has the request: there is nothing to scan. */
export function Invited({ shown, cancel }: InvitedProps) {
  const t = useTexts(texts);
  const { cancel: word } = useTexts(shared);
  const desk = useContext(Desk);
  return (
    <Frame
      name="invited"
      id={shown.session}
      title={t.invited.title}
      lead={t.invited.lead}
      figure={<Hero kind="phone" />}
      foot={<Button action="cancel" onClick={cancel}>{word}</Button>}
    >
      <div class="check">
        <p class="muted">{t.code.check}</p>
        {desk && <Place name={desk.name} place={desk.place} />}
      </div>
      <Countdown until={shown.expires} of={OPEN_MS} text={t.invited.waits} />
    </Frame>
  );
}
