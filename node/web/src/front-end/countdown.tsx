// The time that is left, in figures and as a bar. It is seen all the time and said twice:
// a second's change is nothing to interrupt who listens.
import { useEffect, useState } from "preact/hooks";
import { announce } from "../ui/announce.tsx";
import { useLanguage } from "../ui/language.ts";
import { secondsLeft } from "./time.ts";

/** Seconds until then, drawn anew with each second. */
export function useSecondsLeft(until: number): number {
  const [left, setLeft] = useState(secondsLeft(until));
  useEffect(() => {
    setLeft(secondsLeft(until));
    const timer = setInterval(() => setLeft(secondsLeft(until)), 250);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

/** Minutes and seconds, such as 1:43. */
export function useClock(seconds: number): string {
  const language = useLanguage();
  const two = new Intl.NumberFormat(language, { minimumIntegerDigits: 2, useGrouping: false });
  const one = new Intl.NumberFormat(language, { useGrouping: false });
  return `${one.format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
}

export interface CountdownProps {
  until: number;
  /** The whole time, milliseconds. */
  of: number;
  text: (time: string) => string;
  /** What is said when so many seconds are left. */
  say?: Readonly<Record<number, string>>;
}

export function Countdown({ until, of, text, say }: CountdownProps) {
  const left = useSecondsLeft(until);
  const time = useClock(left);
  useEffect(() => {
    const words = say?.[left];
    if (words !== undefined) announce(words);
  }, [left]);
  const part = Math.min(1, (left * 1_000) / of);
  return (
    <div class="countdown" data-seconds-left={left}>
      <span class="figures">{text(time)}</span>
      <div class={left <= 20 ? "meter meter-last" : "meter"} aria-hidden="true"><div style={{ width: `${part * 100}%` }} /></div>
    </div>
  );
}
