// The two digits that the person types at the other screen: whoever relayed the code cannot
// type them there.
import { useEffect } from "preact/hooks";
import type { Scanned, SessionView } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { clock } from "../../texts/format.ts";
import { useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useNow } from "../hooks.ts";
import { Refusal } from "./refusal.tsx";

export function NumberScreen({ scanned, view, error, onDeny, onOver }: { scanned: Scanned; view: SessionView; error: unknown; onDeny: () => void; onOver: () => void }) {
  const { number: texts } = useTexts(consent);
  const left = view.expires - useNow();
  useEffect(() => {
    if (left <= 0) onOver();
  }, [left <= 0]);
  const digits = view.number ?? "";
  const { frontEnd } = scanned;
  return (
    <Screen name="number" title={texts.title} say={texts.read([...digits].join(" "))}
      lead={frontEnd && texts.at(frontEnd.name, frontEnd.place)}
      foot={<Refusal who={scanned.institution.name} onDeny={onDeny} />}>
      <p class="card number-card">
        <span class="unseen">{texts.read([...digits].join(" "))}</span>
        <span class="number" aria-hidden="true" data-number>{digits}</span>
      </p>
      <p>{texts.only}</p>
      <div class="row between">
        <Progress text={texts.waiting} />
        <span class="muted small figures">{texts.left(clock(left))}</span>
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
    </Screen>
  );
}
