import { useEffect, useState } from "preact/hooks";
import { type Enrolment, FrontEnd } from "../../core/front-end.ts";
import { frontEnd as texts } from "../../texts/front-end.ts";
import { tell } from "../../texts/problem.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { ScanIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Frame } from "../frame.tsx";
import { invitationOf } from "../invitation.ts";
import { listenForScans } from "../scanner.ts";
import { Camera } from "./camera.tsx";
import { Technical } from "./technical.tsx";

export interface EnrolProps {
  /** The screen that this browser is already. */
  now: FrontEnd | undefined;
  /** From the link that opened the page. */
  invitation: Enrolment | undefined;
  enrolled: (frontEnd: FrontEnd) => void;
  /** Stays the screen that it is. */
  keep?: () => void;
}

type State =
  | { readonly name: "typing"; readonly error?: unknown; readonly isNone?: boolean }
  | { readonly name: "asking"; readonly invitation: Enrolment }
  | { readonly name: "sending" };

/** Binds a key of this browser to a screen that its institution has registered. */
export function Enrol({ now, invitation, enrolled, keep }: EnrolProps) {
  const t = useTexts(texts).enrol;
  const [typed, setTyped] = useState("");
  const [isScanning, scan] = useState(false);
  const [state, move] = useState<State>({ name: "typing" });

  const send = async (invitation: Enrolment) => {
    move({ name: "sending" });
    try {
      enrolled(await FrontEnd.enrol(invitation, now));
    } catch (error) {
      move({ name: "typing", error });
    }
  };
  const take = (text: string) => {
    const found = invitationOf(text.trim());
    if (found === undefined) move({ name: "typing", isNone: true });
    else if (now !== undefined) move({ name: "asking", invitation: found });
    else void send(found);
  };
  useEffect(() => {
    if (invitation === undefined) return;
    if (now === undefined) void send(invitation);
    else move({ name: "asking", invitation });
  }, [invitation]);
  useEffect(() => listenForScans(([reading = ""]) => {
    setTyped(reading);
    take(reading);
  }), [now]);

  if (isScanning) {
    return <Camera of="invitation" back={() => scan(false)} read={(text) => { scan(false); take(text); }} />;
  }
  const isSending = state.name === "sending";
  return (
    <Frame
      name="enrol"
      title={t.title}
      lead={t.lead}
      {...(keep && { back: keep })}
      foot={isSending ? <Progress text={t.doing} /> : <Button kind="primary" action="enrol" onClick={() => take(typed)}>{t.do}</Button>}
    >
      {state.name === "typing" && state.error !== undefined && <Refused error={state.error} />}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isSending) take(typed);
        }}
      >
        <Field
          name="invitation"
          label={t.field}
          hint={t.hint}
          value={typed}
          onInput={setTyped}
          error={state.name === "typing" && state.isNone ? t.wrong : undefined}
        />
        <Button action="camera" onClick={() => scan(true)}><ScanIcon />{t.camera}</Button>
      </form>
      {state.name === "asking" && now && (
        <Dialog
          name="replace"
          title={t.replace}
          onClose={() => (keep ? keep() : move({ name: "typing" }))}
          confirm={{ action: "confirm-replace", text: t.doReplace, danger: true, onClick: () => void send(state.invitation) }}
        >
          <p>{t.replaces(now.name, now.place)}</p>
        </Dialog>
      )}
    </Frame>
  );
}

function Refused({ error }: { error: unknown }) {
  const t = useTexts(texts).enrol;
  const s = useTexts(shared);
  const told = tell(error, useLanguage());
  const isRefused = told.code === "invalid_grant" || told.code === "not_found" || told.code === "wrong_state";
  const [title, todo] = isRefused ? [t.refused, t.refusedTodo] : [told.title, told.todo];
  return (
    <Notice kind="danger" title={title} alert>
      <span>{todo}</span>
      {!isRefused && <span>{told.side}</span>}
      <span>{s.nothingLost}</span>
      <Technical told={told} />
    </Notice>
  );
}
