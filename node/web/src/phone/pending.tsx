// Requests that were scanned here and not answered: the page may have been closed meanwhile.
import { phone } from "../texts/phone.ts";
import { Button } from "../ui/button.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { useLoaded } from "./hooks.ts";
import { changes, openLink, useWallet } from "./state.ts";

export function PendingRequests() {
  const texts = useTexts(phone);
  const wallet = useWallet();
  const turn = useStore(changes);
  const { value } = useLoaded(() => wallet.pending(), [wallet, turn]);
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
