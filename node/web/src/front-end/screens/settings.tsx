import { useState } from "preact/hooks";
import type { FrontEnd } from "../../core/front-end.ts";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TrashIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { Frame } from "../frame.tsx";

export interface SettingsProps {
  frontEnd: FrontEnd;
  back: () => void;
  forget: () => Promise<void>;
}

/** Which screen this is, and how it is let go. */
export function Settings({ frontEnd, back, forget }: SettingsProps) {
  const t = useTexts(texts).settings;
  const [isAsking, ask] = useState(false);
  const facts = [[t.name, frontEnd.name], [t.place, frontEnd.place], [t.id, frontEnd.id], [t.service, location.host]] as const;
  return (
    <Frame
      name="settings"
      title={t.title}
      back={back}
      figure={<></>}
      foot={<Button kind="danger" action="forget" onClick={() => ask(true)}><TrashIcon />{t.forget}</Button>}
    >
      <dl class="facts card">
        {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {isAsking && (
        <Dialog
          name="forget"
          title={t.forgetTitle}
          onClose={() => ask(false)}
          confirm={{ action: "confirm-forget", text: t.doForget, danger: true, onClick: () => void forget() }}
        >
          <p>{t.forgetLead}</p>
        </Dialog>
      )}
    </Frame>
  );
}
