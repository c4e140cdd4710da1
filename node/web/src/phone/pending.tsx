// Requests that were scanned here and not answered: the page may have been closed meanwhile.
import { Problem, type Scanned, type Wallet } from "../core/wallet.ts";
import { phone } from "../texts/phone.ts";
import { Button } from "../ui/button.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { openUntil } from "./consent/phase.ts";
import { useLoaded } from "./hooks.ts";
import { changes, lost, openLink, useWallet } from "./state.ts";

/** Whether it can still be answered; what cannot is forgotten. */
async function isOpen(wallet: Wallet, it: Scanned): Promise<boolean> {
  if (openUntil(it) > Date.now()) return true;
  try {
    const { stage } = await wallet.session(it.session);
    if (stage === "ended") await wallet.dismiss(it.session);
    return stage !== "ended";
  } catch (error) {
    lost.notice(error);
    // It never became this device's, and cannot any more.
    if (error instanceof Problem && error.status < 500) await wallet.dismiss(it.session);
    return false;
  }
}

export function PendingRequests() {
  const texts = useTexts(phone);
  const wallet = useWallet();
  const turn = useStore(changes);
  const { value } = useLoaded(async () => {
    const all = await Promise.all((await wallet.pending()).map(async (it) => ((await isOpen(wallet, it)) ? it : undefined)));
    return all.filter((it) => it !== undefined);
  }, [wallet, turn]);
  if (!value?.length) return null;
  return (
    <div class="card stack">
      <h2>{texts.waiting}</h2>
      {value.map((it) => (
        <Button key={it.session} action="go-on" value={it.session} onClick={() => openLink(it.link)}>
          {texts.go(it.institution.name)}
        </Button>
      ))}
    </div>
  );
}
