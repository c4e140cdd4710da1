import { useContext } from "preact/hooks";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { Button } from "../../ui/button.tsx";
import { QrIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Desk } from "../desk.ts";
import { Frame } from "../frame.tsx";
import type { Notice as Kind } from "../shown.ts";

export interface IdleProps {
  notice: Kind | undefined;
  start: () => void;
  camera: () => void;
  settings: () => void;
}

/** Nobody is there yet, or somebody who wants to begin. */
export function Idle({ notice, start, camera, settings }: IdleProps) {
  const t = useTexts(texts).idle;
  const isOffline = useContext(Desk)?.isConnected === false;
  const { steps } = t;
  return (
    <Frame
      name="idle"
      layout="split"
      title={t.title}
      lead={t.lead}
      settings={settings}
      foot={<Button kind="primary" action="start" off={isOffline} onClick={start}>{t.start}</Button>}
    >
      {notice === "no_hint" && <Notice kind="warn" title={t.noHint} alert><span>{t.noHintTodo}</span></Notice>}
      {notice === "hint_refused" && <Notice kind="warn" title={t.hintRefused} alert><span>{t.hintRefusedTodo}</span></Notice>}
      <ol class="steps card">
        {[steps.scan, steps.type, steps.tick].map((step, place) => (
          <li key={step}><span class="step" aria-hidden="true">{place + 1}</span><span>{step}</span></li>
        ))}
      </ol>
      <section class="other-way" aria-labelledby="other-way">
        <QrIcon size={32} />
        <div>
          <h2 id="other-way">{t.fromPhone}</h2>
          <p class="muted">{t.fromPhoneHow}</p>
        </div>
        <Button action="camera" off={isOffline} onClick={camera}>{t.camera}</Button>
      </section>
    </Frame>
  );
}
