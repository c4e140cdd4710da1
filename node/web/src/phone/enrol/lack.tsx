// What is in the way before a vault can be made here, and what to do about it.
import { fetchCluster } from "../../core/cluster.ts";
import { Node } from "../../core/http.ts";
import { phone } from "../../texts/phone.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { WarnIcon } from "../../ui/icons.tsx";
import { LanguageSwitch } from "../../ui/language-switch.tsx";
import { useTexts } from "../../ui/language.ts";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded } from "../hooks.ts";
import type { Lack } from "../support.ts";

/** The name that the service has for this page. */
function OwnName() {
  const { value } = useLoaded(async () => (await fetchCluster(new Node(location.origin))).wallet_origin, []);
  return value ? <p><a data-action="own-name" href={`${value}${location.pathname}${location.hash}`}>{value}</a></p> : null;
}

export function LackScreen({ of }: { of: Lack }) {
  const { lack } = useTexts(phone);
  const { reload } = useTexts(shared);
  return (
    <Screen name="problem" id={of} title={lack[of].title} lead={lack[of].text} end={<LanguageSwitch />}
      figure={<div class="hero-mark hero-warn"><WarnIcon size={36} /></div>}
      foot={<Button kind="primary" action="reload" onClick={() => location.reload()}>{reload}</Button>}>
      <p class="mono muted" data-problem={of}>{location.origin}</p>
      {of === "address" && <OwnName />}
    </Screen>
  );
}
