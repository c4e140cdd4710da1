// How it ended, at a glance; the words beside it say the same.
import { CheckIcon, ClockIcon, CloseIcon, InfoIcon, OfflineIcon, PhoneIcon, WarnIcon } from "../../ui/icons.tsx";

const icons = { ok: CheckIcon, no: CloseIcon, clock: ClockIcon, warn: WarnIcon, offline: OfflineIcon, info: InfoIcon, phone: PhoneIcon };
const colours: Partial<Record<keyof typeof icons, string>> = { ok: "hero-ok", warn: "hero-warn", clock: "hero-warn", offline: "hero-warn" };

export function Hero({ kind }: { kind: keyof typeof icons }) {
  const Icon = icons[kind];
  return <div class={`hero-mark ${colours[kind] ?? ""}`}><Icon size={40} /></div>;
}
