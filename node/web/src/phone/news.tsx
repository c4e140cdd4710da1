// What happened to the vault elsewhere and the person should know, whoever did it.
import { useEffect } from "preact/hooks";
import type { WalletEvent } from "../core/wallet.ts";
import { phone } from "../texts/phone.ts";
import { shared } from "../texts/shared.ts";
import { Button } from "../ui/button.tsx";
import { useTexts } from "../ui/language.ts";
import { Notice } from "../ui/notice.tsx";
import { store, useStore } from "../ui/store.ts";
import { go } from "./route.ts";
import { takeNewVersion, waiting } from "./shell.ts";
import { happened, useWallet } from "./state.ts";

type News = Extract<WalletEvent, { kind: "device" | "recovery_renewed" }>;

const news = store<readonly News[]>([]);
const seen = new Set<string>();

/** Keeps what is news; what this device did itself is none. */
export function useNews(): void {
  const wallet = useWallet();
  const { event } = useStore(happened);
  useEffect(() => {
    if (event?.kind !== "device" && event?.kind !== "recovery_renewed") return;
    const key = JSON.stringify(event);
    if (event.device === wallet.device || seen.has(key)) return;
    seen.add(key);
    news.set([...news.get(), event]);
  }, [event]);
}

export function NewsNotices() {
  const { news: texts, newVersion } = useTexts(phone);
  const { reload } = useTexts(shared);
  const all = useStore(news);
  const drop = (it: News) => news.set(all.filter((other) => other !== it));
  const isNewPage = useStore(waiting) !== undefined;
  return (
    <>
      {isNewPage && (
        <Notice title={newVersion}>
          <div class="row"><Button action="new-version" onClick={takeNewVersion}>{reload}</Button></div>
        </Notice>
      )}
      {all.map((it) => {
        const isNew = it.kind === "device" && !it.revoked;
        return (
          <Notice key={JSON.stringify(it)} kind={isNew ? "warn" : "info"} alert
            title={it.kind === "recovery_renewed" ? texts.renewed : it.revoked ? texts.revoked(it.name) : texts.device(it.name)}>
            {isNew && <p>{texts.deviceText}</p>}
            <div class="row">
              {isNew && <Button action="open-devices" onClick={() => go({ at: "devices" })}>{texts.see}</Button>}
              <Button action="dismiss" onClick={() => drop(it)}>{texts.dismiss}</Button>
            </div>
          </Notice>
        );
      })}
    </>
  );
}
