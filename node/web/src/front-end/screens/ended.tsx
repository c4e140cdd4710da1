import { frontEnd as texts } from "../../texts/front-end.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { useSecondsLeft } from "../countdown.tsx";
import { Frame } from "../frame.tsx";
import type { End, Shown } from "../shown.ts";
import { Hero } from "./hero.tsx";

/** The name of each end's screen, and its figure. */
const looks = {
  approved: ["done", "ok"],
  denied: ["denied", "no"],
  expired: ["expired", "clock"],
  wrong_number: ["wrong-number", "warn"],
  cancelled: ["cancelled", "info"],
  unknown: ["lost", "offline"],
} as const satisfies Record<End, readonly [string, Parameters<typeof Hero>[0]["kind"]]>;

const words = {
  approved: "done", denied: "denied", expired: "expired", wrong_number: "wrongNumber", cancelled: "cancelled", unknown: "lost",
} as const;

export interface EndedProps {
  shown: Shown & { name: "ended" };
  again: () => void;
  leave: () => void;
}

/** How it ended, until somebody goes on or the time is over. */
export function Ended({ shown, again, leave }: EndedProps) {
  const t = useTexts(texts);
  const { startAgain } = useTexts(shared);
  const [name, kind] = looks[shown.end];
  const isDone = shown.end === "approved";
  const { title, lead } = isDone && shown.toScan ? { title: t.done.scanTitle, lead: t.done.scanLead } : t[words[shown.end]];
  return (
    <Frame
      name={name}
      title={title}
      lead={lead}
      say={lead}
      figure={<Hero kind={isDone && shown.toScan ? "phone" : kind} />}
      foot={
        <>
          {isDone
            ? <Button kind="primary" action="finish" onClick={leave}>{t.done.finish}</Button>
            : <Button kind="primary" action="start-again" onClick={again}>{startAgain}</Button>}
          {isDone
            ? <Button kind="quiet" action="start-again" onClick={again}>{startAgain}</Button>
            : <Button kind="quiet" action="finish" onClick={leave}>{t.end.home}</Button>}
          <Returns until={shown.until} />
        </>
      }
    />
  );
}

/** When the screen goes back by itself. */
export function Returns({ until }: { until: number }) {
  const t = useTexts(texts).end;
  const language = useLanguage();
  const left = useSecondsLeft(until);
  return <p class="returns figures">{t.returns(new Intl.NumberFormat(language).format(left))}</p>;
}

/** The node knows this screen no more. */
export function Unknown({ enrol }: { enrol: () => void }) {
  const t = useTexts(texts).unknown;
  return (
    <Frame
      name="unknown"
      title={t.title}
      lead={t.lead}
      figure={<Hero kind="warn" />}
      foot={<Button kind="primary" action="enrol" onClick={enrol}>{t.do}</Button>}
    />
  );
}
