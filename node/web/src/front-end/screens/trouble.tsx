import { frontEnd as texts } from "../../texts/front-end.ts";
import { tell } from "../../texts/problem.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Frame } from "../frame.tsx";
import { Hero } from "./hero.tsx";
import { Technical } from "./technical.tsx";

/** The browser gives the page no storage or no keys: nothing can go on here. */
export function Trouble({ error }: { error: unknown }) {
  const t = useTexts(shared);
  const told = tell(error, useLanguage());
  return (
    <Frame
      name="problem"
      title={told.title}
      lead={told.todo}
      figure={<Hero kind="warn" />}
      foot={<Button kind="primary" action="reload" onClick={() => location.reload()}>{t.reload}</Button>}
    >
      <p class="side">{told.side}</p>
      <Technical told={told} />
    </Frame>
  );
}

/** Opened by an address that browsers do not trust: it says so plainly. */
export function Insecure() {
  const t = useTexts(texts).enrol;
  return <Frame name="problem" title={t.insecure} lead={t.insecureTodo} figure={<Hero kind="warn" />} />;
}
