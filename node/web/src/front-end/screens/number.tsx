import { useEffect, useRef, useState } from "preact/hooks";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Progress } from "../../ui/progress.tsx";
import { Countdown } from "../countdown.tsx";
import { Frame } from "../frame.tsx";
import { EraseIcon } from "../icons.tsx";
import type { Shown } from "../shown.ts";
import { CLAIMED_MS } from "../time.ts";

const PAD = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export interface NumberProps {
  shown: Shown & { name: "number" };
  type: (number: string) => void;
  cancel: () => void;
}

/** Two digits, by the keys on the screen or those of a keyboard, wherever the focus is. */
export function TypeNumber({ shown, type, cancel }: NumberProps) {
  const t = useTexts(texts).number;
  const { cancel: word } = useTexts(shared);
  const [digits, setDigits] = useState("");
  const [isLacking, setLacking] = useState(false);
  const { isSending } = shown;
  const add = (digit: string) => setDigits((now) => (now + digit).slice(0, 2));
  const erase = () => setDigits((now) => now.slice(0, -1));
  const confirm = () => {
    if (isSending) return;
    if (digits.length === 2) type(digits);
    else setLacking(true);
  };
  useKeys({ add, erase, confirm, isFull: digits.length === 2 });
  const needed = isLacking && digits.length < 2;
  return (
    <Frame
      name="number"
      id={shown.session}
      layout="split"
      title={t.title}
      lead={t.lead}
      foot={
        <>
          <Countdown until={shown.expires} of={CLAIMED_MS} text={t.waits} />
          {isSending
            ? <Progress text={t.sending} />
            : <Button kind="primary" action="confirm" off={digits.length < 2} why="once" onClick={confirm}>{t.confirm}</Button>}
          <Button action="cancel" kind="quiet" onClick={cancel}>{word}</Button>
        </>
      }
    >
      <div class="typing">
        <Digits value={digits} onInput={(value) => setDigits(value.replace(/\D/g, "").slice(0, 2))} label={t.label} />
        <p id="once" class={needed ? "error" : "once"} role={needed ? "alert" : undefined}>{needed ? t.needed : t.once}</p>
        <div class="keypad">
          {PAD.map((digit) => <Key key={digit} digit={digit} add={add} />)}
          <span />
          <Key digit="0" add={add} />
          <Button action="erase" label={t.erase} off={digits === ""} onClick={erase}><EraseIcon /></Button>
        </div>
      </div>
    </Frame>
  );
}

function Key({ digit, add }: { digit: string; add: (digit: string) => void }) {
  return <Button action="digit" value={digit} onClick={() => add(digit)}>{digit}</Button>;
}

// One input under two boxes: a screen reader meets one field, and an eye two places.
function Digits({ value, onInput, label }: { value: string; onInput: (value: string) => void; label: string }) {
  return (
    <div class="digits">
      <input
        name="number"
        aria-label={label}
        aria-describedby="once"
        inputMode="none"
        autocomplete="off"
        maxLength={2}
        value={value}
        onInput={(event) => {
          onInput(event.currentTarget.value);
          // What was refused does not stay in the field.
          event.currentTarget.value = event.currentTarget.value.replace(/\D/g, "");
        }}
      />
      {[0, 1].map((place) => (
        <span key={place} class={value.length === place ? "digit digit-next" : "digit"} aria-hidden="true">{value[place] ?? ""}</span>
      ))}
    </div>
  );
}

// On a button Enter presses that; but a digit's, that a finger used last, can add no third.
function pressesItself(target: EventTarget | null, isFull: boolean): boolean {
  return target instanceof HTMLButtonElement && !(isFull && target.dataset["action"] === "digit");
}

interface Keys {
  isFull: boolean;
  add: (digit: string) => void;
  erase: () => void;
  confirm: () => void;
}

function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const isField = event.target instanceof HTMLInputElement;
      if (!isField && /^[0-9]$/.test(event.key)) now.current.add(event.key);
      else if (!isField && event.key === "Backspace") now.current.erase();
      else if (event.key === "Enter" && !pressesItself(event.target, now.current.isFull)) {
        event.preventDefault();
        now.current.confirm();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
