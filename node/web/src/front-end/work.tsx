// The screen at work: the kiosk's state drawn, scanners heard, the display kept on.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FrontEnd } from "../core/front-end.ts";
import { announce } from "../ui/announce.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { frontEnd as texts } from "../texts/front-end.ts";
import { Desk } from "./desk.ts";
import { useWakeLock } from "./full-screen.tsx";
import { Kiosk } from "./kiosk.ts";
import { useOnline } from "./online.ts";
import { listenForScans } from "./scanner.ts";
import { Camera } from "./screens/camera.tsx";
import { Choosing } from "./screens/choosing.tsx";
import { Code, Invited } from "./screens/code.tsx";
import { Ended, Unknown } from "./screens/ended.tsx";
import { Idle } from "./screens/idle.tsx";
import { TypeNumber } from "./screens/number.tsx";
import { Problem } from "./screens/problem.tsx";
import { Settings } from "./screens/settings.tsx";
import { Waiting } from "./screens/waiting.tsx";

interface WorkProps {
  frontEnd: FrontEnd;
  enrolAnew: () => void;
}

export function Work({ frontEnd, enrolAnew }: WorkProps) {
  const t = useTexts(texts);
  const kiosk = useMemo(() => new Kiosk(frontEnd), [frontEnd]);
  const shown = useStore(kiosk.shown);
  const isConnected = [useStore(kiosk.isConnected), useOnline()].every(Boolean);
  // What is opened from the idle screen and has nothing to do with the node.
  const [aside, setAside] = useState<"camera" | "settings">();
  useWakeLock();

  useEffect(() => {
    const over = new AbortController();
    void kiosk.follow(over.signal);
    return () => over.abort();
  }, [kiosk]);
  useEffect(() => listenForScans((readings) => {
    setAside(undefined);
    void kiosk.scanned(readings);
  }), [kiosk]);
  // A request that opens by itself closes what was open beside it.
  useEffect(() => { if (shown.name !== "idle") setAside(undefined); }, [shown.name]);
  useEffect(() => { if (!isConnected) return () => announce(t.connection.back); }, [isConnected]);
  useEffect(() => {
    const touch = () => kiosk.touch();
    const kinds = ["pointerdown", "keydown"] as const;
    for (const kind of kinds) addEventListener(kind, touch);
    return () => { for (const kind of kinds) removeEventListener(kind, touch); };
  }, [kiosk]);

  const forget = async () => {
    await frontEnd.forget();
    enrolAnew();
  };
  const screen = () => {
    switch (shown.name) {
      case "idle":
        if (aside === "settings") return <Settings frontEnd={frontEnd} back={() => setAside(undefined)} forget={forget} />;
        if (aside === "camera") {
          return <Camera of="hint" back={() => setAside(undefined)} read={(text) => void kiosk.scanned([text])} />;
        }
        return <Idle notice={shown.notice} start={() => void kiosk.start()} camera={() => setAside("camera")} settings={() => setAside("settings")} />;
      case "waiting": return <Waiting cancel={() => void kiosk.leave()} />;
      case "code": return <Code shown={shown} frontEnd={frontEnd} cancel={() => void kiosk.leave()} />;
      case "invited": return <Invited shown={shown} cancel={() => void kiosk.leave()} />;
      case "number": return <TypeNumber key={shown.session} shown={shown} type={(number) => void kiosk.typeNumber(number)} cancel={() => void kiosk.leave()} />;
      case "choosing": return <Choosing shown={shown} cancel={() => void kiosk.leave()} />;
      case "ended": return <Ended shown={shown} again={() => void kiosk.start()} leave={() => void kiosk.leave()} />;
      case "problem": return <Problem shown={shown} again={() => void kiosk.start()} leave={() => void kiosk.leave()} />;
      case "unknown": return <Unknown enrol={() => void forget()} />;
    }
  };
  return <Desk.Provider value={{ name: frontEnd.name, place: frontEnd.place, isConnected }}>{screen()}</Desk.Provider>;
}
