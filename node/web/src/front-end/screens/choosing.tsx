import { frontEnd as texts } from "../../texts/front-end.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Countdown } from "../countdown.tsx";
import { Frame } from "../frame.tsx";
import type { Shown } from "../shown.ts";
import { CLAIMED_MS } from "../time.ts";
import { Hero } from "./hero.tsx";

export interface ChoosingProps {
  shown: Shown & { name: "choosing" };
  cancel: () => void;
}

/** The person ticks on the phone; here is nothing to see of it. */
export function Choosing({ shown, cancel }: ChoosingProps) {
  const t = useTexts(texts).choosing;
  const { cancel: word } = useTexts(shared);
  return (
    <Frame
      name="choosing"
      id={shown.session}
      title={t.title}
      lead={t.lead}
      figure={<Hero kind="phone" />}
      foot={<Button action="cancel" onClick={cancel}>{word}</Button>}
    >
      <Countdown until={shown.expires} of={CLAIMED_MS} text={t.waits} />
    </Frame>
  );
}
