import { useState } from "preact/hooks";
import { consent } from "../../texts/consent.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useTexts } from "../../ui/language.ts";

/** Refusing everything: asked once more, because the code is gone after it. */
export function Refusal({ who, onDeny }: { who: string; onDeny: () => void }) {
  const { refuse, ask: texts } = useTexts(consent);
  const [isAsking, ask] = useState(false);
  return (
    <>
      <Button kind="quiet" action="deny" onClick={() => ask(true)}>{refuse}</Button>
      {isAsking && (
        <Dialog name="deny" title={texts.refuseTitle} onClose={() => ask(false)}
          confirm={{ action: "confirm-deny", text: refuse, onClick: () => { ask(false); onDeny(); } }}>
          <p>{texts.refuseText(who)}</p>
        </Dialog>
      )}
    </>
  );
}
