import { frontEnd as texts } from "../../texts/front-end.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Progress } from "../../ui/progress.tsx";
import { Frame } from "../frame.tsx";

/** The institution was asked for a request. */
export function Waiting({ cancel }: { cancel: () => void }) {
  const t = useTexts(texts).waiting;
  const { cancel: word } = useTexts(shared);
  return (
    <Frame name="waiting" title={t.title} lead={t.lead} foot={<Button action="cancel" onClick={cancel}>{word}</Button>}>
      <Progress text={t.asked} />
    </Frame>
  );
}
