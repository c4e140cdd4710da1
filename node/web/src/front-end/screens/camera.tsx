import { useEffect, useRef, useState } from "preact/hooks";
import { parseHint } from "../../core/front-end.ts";
import { scanVideo } from "../../core/qr.ts";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Frame } from "../frame.tsx";
import { invitationOf } from "../invitation.ts";

export interface CameraProps {
  /** What is looked for: a phone's code, or an invitation. */
  of: "hint" | "invitation";
  read: (text: string) => void;
  back: () => void;
}

type View = "starting" | "looking" | "none";

/** Reads a code with the camera of this machine. */
export function Camera({ of, read, back }: CameraProps) {
  const t = useTexts(texts).camera;
  const video = useRef<HTMLVideoElement>(null);
  const [view, setView] = useState<View>("starting");
  const [isOther, setOther] = useState(false);
  useEffect(() => {
    const over = new AbortController();
    const accept = (text: string): boolean => {
      if (isWanted(of, text)) return true;
      setOther(true);
      return false;
    };
    look(video.current, accept, () => setView("looking"), over.signal).then(
      (text) => { if (text !== undefined && !over.signal.aborted) read(text); },
      () => { if (!over.signal.aborted) setView("none"); },
    );
    return () => over.abort();
  }, [of]);
  return (
    <Frame name="camera" title={of === "hint" ? t.title : t.invitation} lead={t.lead} back={back} figure={<></>}>
      {view === "none" && <Notice kind="warn" title={t.none} alert><span>{t.noneTodo}</span></Notice>}
      {isOther && <Notice kind="warn" alert>{t.wrong}</Notice>}
      {view === "starting" && <Progress text={t.starting} />}
      <video class="camera" ref={video} muted playsInline hidden={view !== "looking"} />
    </Frame>
  );
}

async function look(
  video: HTMLVideoElement | null,
  accept: (text: string) => boolean,
  looking: () => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  // A screen's camera looks at whoever stands there; a tablet's other one would look away.
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } }, audio: false });
  try {
    if (video === null || signal.aborted) return undefined;
    video.srcObject = stream;
    looking();
    await video.play();
    return await scanVideo(video, accept, signal);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function isWanted(of: CameraProps["of"], text: string): boolean {
  if (of === "invitation") return invitationOf(text) !== undefined;
  try {
    parseHint(text);
    return true;
  } catch {
    return false;
  }
}
