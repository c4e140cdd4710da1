import { frontEnd as texts } from "../../texts/front-end.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Frame } from "../frame.tsx";
import { Hero } from "./hero.tsx";

export function Elsewhere({ takeOver }: { takeOver: () => void }) {
  const t = useTexts(texts).elsewhere;
  return (
    <Frame
      name="elsewhere"
      title={t.title}
      lead={t.lead}
      figure={<Hero kind="info" />}
      foot={<Button kind="primary" action="take-over" onClick={takeOver}>{t.do}</Button>}
    />
  );
}
