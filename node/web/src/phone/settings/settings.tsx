// Everything that is not needed every day.
import type { ComponentChildren } from "preact";
import { phone } from "../../texts/phone.ts";
import { FileIcon, GoIcon, InfoIcon, LockIcon, PhoneIcon, QrIcon, TrashIcon } from "../../ui/icons.tsx";
import { LanguageChoice } from "../../ui/language-switch.tsx";
import { useTexts } from "../../ui/language.ts";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { Offline } from "../offline.tsx";
import { go, type Route } from "../route.ts";
import { changes, useWallet } from "../state.ts";
import { Tabs } from "../tabs.tsx";

export function Settings() {
  const { settings: texts } = useTexts(phone);
  const wallet = useWallet();
  useStore(changes);
  return (
    <Screen name="settings" title={texts.title} foot={<Tabs now="settings" />}>
      <Offline />
      <div class="rows rows-card">
        <Row to={{ at: "show-code" }} Icon={QrIcon} text={texts.code} />
      </div>
      <div class="rows rows-card">
        <Row to={{ at: "devices" }} Icon={PhoneIcon} text={texts.devices} />
        <Row to={{ at: "sheet" }} Icon={LockIcon} text={texts.sheet}
          hint={<span class={wallet.isSheetTried ? "tag tag-ok" : "tag tag-warn"}>{wallet.isSheetTried ? texts.sheetDone : texts.sheetTodo}</span>} />
        <Row to={{ at: "export" }} Icon={FileIcon} text={texts.export} />
        <Row to={{ at: "about" }} Icon={InfoIcon} text={texts.about} />
      </div>
      <LanguageChoice />
      <div class="rows rows-card">
        <Row to={{ at: "delete-vault" }} Icon={TrashIcon} text={texts.remove} danger />
      </div>
    </Screen>
  );
}

function Row({ to, Icon, text, hint, danger = false }: { to: Route; Icon: typeof GoIcon; text: string; hint?: ComponentChildren; danger?: boolean }) {
  return (
    <button type="button" class={danger ? "row-link row-danger" : "row-link"} data-action={`open-${to.at}`} onClick={() => go(to)}>
      <span class="row-icon"><Icon size={22} /></span>
      <span class="row-text">{text}{hint}</span>
      <span class="row-go"><GoIcon size={20} /></span>
    </button>
  );
}
