// A kiosk fills its screen, and its screen does not go dark.
import { useEffect, useState } from "preact/hooks";
import { frontEnd as texts } from "../texts/front-end.ts";
import { Button } from "../ui/button.tsx";
import { useTexts } from "../ui/language.ts";
import { FullScreenIcon, LeaveFullScreenIcon } from "./icons.tsx";

export function FullScreenButton() {
  const t = useTexts(texts).settings;
  const [isFull, setFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  if (!document.fullscreenEnabled) return null;
  // Where the browser refuses, the page simply stays as it is.
  const toggle = () => void (isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);
  return (
    <Button kind="icon" action="full-screen" label={isFull ? t.leaveFullScreen : t.fullScreen} onClick={toggle}>
      {isFull ? <LeaveFullScreenIcon /> : <FullScreenIcon />}
    </Button>
  );
}

/** Keeps the display on while this is shown, where the browser can. */
export function useWakeLock(): void {
  useEffect(() => {
    let isOver = false;
    let lock: WakeLockSentinel | undefined;
    const ask = async () => {
      if (isOver || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (isOver) await lock.release();
      } catch {
        // Low on battery, or not allowed: then the display goes dark as it always does.
      }
    };
    const seen = () => void ask();
    document.addEventListener("visibilitychange", seen);
    void ask();
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", seen);
      void lock?.release();
    };
  }, []);
}
