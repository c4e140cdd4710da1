// What this page is, where the keys are, and which version of it runs.
import { phone } from "../../texts/phone.ts";
import { useTexts } from "../../ui/language.ts";
import { Screen } from "../../ui/screen.tsx";
import { back } from "../route.ts";
import { useWallet } from "../state.ts";

/** The script's own name holds a hash of what it is. */
const version = () =>
  [...document.scripts].map((it) => /\/assets\/phone-(\w+)\.js$/.exec(new URL(it.src, location.href).pathname)?.[1]).find(Boolean) ?? "–";

export function About() {
  const { about: texts } = useTexts(phone);
  const wallet = useWallet();
  return (
    <Screen name="about" title={texts.title} back={() => back({ at: "settings" })}>
      <section class="stack" aria-labelledby="keys">
        <h2 id="keys">{texts.keys}</h2>
        <p>{texts.keysText}</p>
      </section>
      <dl class="card facts">
        <div><dt>{texts.service}</dt><dd>{wallet.issuer}</dd></div>
        <div><dt>{texts.vault}</dt><dd class="mono">{wallet.vault}</dd></div>
        <div><dt>{texts.device}</dt><dd>{wallet.deviceName}</dd><dd class="mono muted">{wallet.device}</dd></div>
        <div><dt>{texts.kept}</dt><dd>{wallet.isPersistent ? texts.keptYes : texts.keptNo}</dd></div>
        <div><dt>{texts.version}</dt><dd class="mono">{version()}</dd></div>
      </dl>
    </Screen>
  );
}
