// Reading a code: by the camera, from a picture, or from a link that is pasted.
import { useEffect, useRef, useState } from "preact/hooks";
import { readPicture, scanVideo } from "../../core/qr.ts";
import { phone } from "../../texts/phone.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";

export interface CameraProps {
  /** What is scanned is a recovery sheet. */
  sheet?: boolean;
  /** Why what was read is of no use. */
  note?: string | undefined;
  onBack: () => void;
  /** Takes what was read; throws what is wrong with it. */
  accept: (text: string) => boolean;
}

type State = "starting" | "running" | "denied" | "none";

export function Camera({ sheet = false, note, onBack, accept }: CameraProps) {
  const { camera: texts } = useTexts(phone);
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>("starting");
  const [error, setError] = useState<unknown>();
  const [noCode, setNoCode] = useState(false);
  const [link, setLink] = useState("");
  const take = (text: string): boolean => {
    try {
      setError(undefined);
      setNoCode(false);
      return accept(text);
    } catch (wrong) {
      setError(wrong);
      return false;
    }
  };
  useEffect(() => {
    const stop = new AbortController();
    let stream: MediaStream | undefined;
    const run = async () => {
      if (!navigator.mediaDevices?.getUserMedia) return setState("none");
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      } catch (refused) {
        const name = (refused as DOMException).name;
        return setState(name === "NotAllowedError" || name === "SecurityError" ? "denied" : "none");
      }
      const element = video.current;
      if (stop.signal.aborted || !element) return halt();
      element.srcObject = stream;
      await element.play();
      setState("running");
      await scanVideo(element, take, stop.signal);
    };
    const halt = () => stream?.getTracks().forEach((it) => it.stop());
    run().catch((failure: unknown) => !stop.signal.aborted && setError(failure));
    return () => {
      stop.abort();
      halt();
    };
  }, []);
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      const text = await readPicture(picture);
      if (text === undefined) setNoCode(true);
      else take(text);
    } catch {
      setNoCode(true);
    }
  };
  const isSeeing = state === "starting" || state === "running";
  return (
    <Screen name="scan" title={texts.title} lead={sheet ? texts.leadSheet : texts.lead} back={onBack}>
      {isSeeing && (
        <div class="camera">
          <video ref={video} muted playsInline aria-label={texts.view} />
          <span class="camera-frame" aria-hidden="true" />
        </div>
      )}
      {state === "starting" && <Progress text={texts.start} />}
      {state === "denied" && <Notice kind="warn" alert><p>{texts.denied}</p></Notice>}
      {state === "none" && <Notice kind="info" alert><p>{texts.none}</p></Notice>}
      {error !== undefined && <ProblemNotice error={error} />}
      {noCode && <Notice kind="warn" alert><p>{texts.noCode}</p></Notice>}
      {note && <Notice kind="warn" alert><p>{note}</p></Notice>}
      <label class="button file">
        <input type="file" name="picture" accept="image/*" class="unseen" onChange={(event) => void read(event.currentTarget.files?.[0])} />
        {texts.picture}
      </label>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); take(link); }}>
        <Field name="link" label={texts.paste} value={link} onInput={setLink} type="text" inputMode="url" maxLength={2000} />
        <Button type="submit" action="open-link">{texts.open}</Button>
      </form>
    </Screen>
  );
}
