// The devices that can open the vault, and removing one.
import { useState } from "preact/hooks";
import type { DeviceInfo } from "../../core/wallet.ts";
import { date } from "../../texts/format.ts";
import { phone } from "../../texts/phone.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { PhoneIcon, TrashIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { useLoaded, useTask } from "../hooks.ts";
import { Offline } from "../offline.tsx";
import { back } from "../route.ts";
import { changes, useWallet } from "../state.ts";

export function Devices() {
  const { devices: texts } = useTexts(phone);
  const { loading } = useTexts(shared);
  const wallet = useWallet();
  const turn = useStore(changes);
  const devices = useLoaded(() => wallet.devices(), [wallet, turn]);
  const task = useTask();
  const [asked, ask] = useState<DeviceInfo>();
  return (
    <Screen name="devices" title={texts.title} lead={texts.lead} back={() => back({ at: "settings" })}>
      <Offline />
      {devices.error !== undefined && <ProblemNotice error={devices.error} />}
      {task.error !== undefined && <ProblemNotice error={task.error} />}
      {!devices.value && devices.isLoading && <Progress text={loading} />}
      {devices.value && (
        <ul class="rows rows-card">
          {inOrder(devices.value).map((it) => <li key={it.id} data-device={it.id}><Device of={it} onRemove={() => ask(it)} /></li>)}
        </ul>
      )}
      {asked && (
        <Dialog name="revoke-device" title={texts.confirmTitle(asked.name)} onClose={() => ask(undefined)}
          confirm={{ action: "confirm-revoke-device", text: texts.remove, danger: true, onClick: () => {
            ask(undefined);
            task.run("revoke", async () => {
              await wallet.revokeDevice(asked.id);
              changes.set(changes.get() + 1);
            });
          } }}>
          <p>{asked.isThis ? texts.confirmHere : texts.confirmText}</p>
        </Dialog>
      )}
    </Screen>
  );
}

/** The one in the person's hand first, removed ones last. */
const inOrder = (all: readonly DeviceInfo[]): DeviceInfo[] =>
  [...all].sort((a, b) => Number(b.isThis) - Number(a.isThis) || Number(a.revoked) - Number(b.revoked) || b.created - a.created);

function Device({ of, onRemove }: { of: DeviceInfo; onRemove: () => void }) {
  const { devices: texts } = useTexts(phone);
  const language = useLanguage();
  return (
    <div class="device">
      <span class="row-icon"><PhoneIcon size={22} /></span>
      <span class="row-text">
        <span class="row-name">{of.name}</span>
        <span class="muted small">{texts.admitted[of.admitted]} · {texts.since(date(of.created, language))}</span>
        {of.isThis && <span class="tag tag-ok">{texts.here}</span>}
      </span>
      {of.revoked
        ? <span class="tag">{texts.removed}</span>
        : <Button kind="icon" action="revoke-device" value={of.id} label={`${texts.remove}: ${of.name}`} onClick={onRemove}><TrashIcon size={22} /></Button>}
    </div>
  );
}
