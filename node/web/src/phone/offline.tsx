import { phone } from "../texts/phone.ts";
import { OfflineIcon } from "../ui/icons.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { isOnline } from "./state.ts";

/** Says calmly that there is no network, and what can be done all the same. */
export function Offline() {
  const texts = useTexts(phone);
  const online = useStore(isOnline);
  return <div role="status">{!online && <p class="offline"><OfflineIcon size={20} /> {texts.offline}</p>}</div>;
}
