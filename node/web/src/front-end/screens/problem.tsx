import { Problem as Refusal } from "../../core/front-end.ts";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { tell } from "../../texts/problem.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Frame } from "../frame.tsx";
import type { Shown } from "../shown.ts";
import { Returns } from "./ended.tsx";
import { Hero } from "./hero.tsx";
import { Technical } from "./technical.tsx";

export interface ProblemProps {
  shown: Shown & { name: "problem" };
  again: () => void;
  leave: () => void;
}

/** What happened, whose side it is on, what to do. */
export function Problem({ shown, again, leave }: ProblemProps) {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const language = useLanguage();
  const { what } = shown;
  const told = tell(what === "no_answer" ? undefined : what, language);
  const { title, side, todo } =
    what === "no_answer" ? { title: t.problem.noAnswer, side: s.sides.institution, todo: t.problem.noAnswerTodo }
    // Here it is not the person who has too much open.
    : what instanceof Refusal && what.code === "limit_reached" ? { title: t.problem.full, side: undefined, todo: t.problem.fullTodo }
    : told;
  return (
    <Frame
      name="problem"
      title={title}
      lead={todo}
      say={todo}
      figure={<Hero kind={what !== "no_answer" && what.name === "Unreachable" ? "offline" : "warn"} />}
      foot={
        <>
          <Button kind="primary" action="start-again" onClick={again}>{s.startAgain}</Button>
          <Button kind="quiet" action="finish" onClick={leave}>{t.end.home}</Button>
          <Returns until={shown.until} />
        </>
      }
    >
      {side && <p class="side">{side}</p>}
      {what !== "no_answer" && <Technical told={told} />}
    </Frame>
  );
}
