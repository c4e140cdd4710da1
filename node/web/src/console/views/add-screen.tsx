import { useState } from "preact/hooks";
import { post } from "../../core/http.ts";
import { consoleTexts } from "../../texts/console.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { useTexts } from "../../ui/language.ts";
import { Invitation } from "../api.ts";
import { node } from "../node.ts";
import { Refusal } from "../parts/bits.tsx";

export interface AddScreenProps {
  close: () => void;
  added: (name: string, invitation: Invitation) => void;
}

/** A screen with the name and place that phones will show. */
export function AddScreen({ close, added }: AddScreenProps) {
  const t = useTexts(consoleTexts).screens;
  const [name, setName] = useState("");
  const [place, setPlace] = useState("");
  const [most, setMost] = useState("8");
  const [isTried, setTried] = useState(false);
  const [isSending, setSending] = useState(false);
  const [failed, fail] = useState<unknown>();
  // Sent again after a lost answer, it is the same screen.
  const [key] = useState(() => crypto.randomUUID());
  const isMost = /^[0-9]{1,2}$/.test(most) && Number(most) >= 1 && Number(most) <= 64;
  const needed = (value: string) => (isTried && value.trim() === "" ? t.needed : undefined);
  const add = async () => {
    setTried(true);
    if (name.trim() === "" || place.trim() === "" || !isMost) return;
    setSending(true);
    fail(undefined);
    try {
      const wanted = { name: name.trim(), place: place.trim(), sessions_max: Number(most) };
      added(wanted.name, await node.read(Invitation, post("/v1/front-ends", wanted, { "idempotency-key": key })));
    } catch (error) {
      setSending(false);
      fail(error);
    }
  };
  return (
    <Dialog name="add" title={t.addTitle} onClose={close} confirm={{ action: "confirm-add", text: t.doAdd, off: isSending, onClick: () => void add() }}>
      {failed !== undefined && <Refusal error={failed} />}
      <Field name="name" label={t.name} hint={t.nameHint} value={name} onInput={setName} maxLength={80} error={needed(name)} />
      <Field name="place" label={t.place} hint={t.placeHint} value={place} onInput={setPlace} maxLength={80} error={needed(place)} />
      <Field name="sessions_max" label={t.most} hint={t.mostHint} value={most} onInput={setMost} inputMode="numeric" maxLength={2} error={isTried && !isMost ? t.mostWrong : undefined} />
    </Dialog>
  );
}
