// What is agreed to: in the institution's words where they are its own, else in ours.
import type { Asked, OfferWords } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { duration, list } from "../../texts/format.ts";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";

/** What is not as most people would expect stands where nobody misses it. */
export function Unusual({ asked }: { asked: Asked }) {
  const { terms: texts } = useTexts(consent);
  const who = asked.scanned.institution.name;
  const all = [
    asked.delivery === "server" ? texts.opensServer(who) : undefined,
    asked.coversFuture ? texts.futureYes : undefined,
    asked.dataLifeSeconds === undefined ? texts.keptOpen(who) : undefined,
  ].filter((it) => it !== undefined);
  if (all.length === 0) return null;
  return (
    <Notice kind="warn" title={texts.unusual}>
      <ul class="bullets">{all.map((it) => <li key={it}>{it}</li>)}</ul>
    </Notice>
  );
}

export function Terms({ asked, words }: { asked: Asked; words: OfferWords }) {
  const { terms: texts } = useTexts(consent);
  const language = useLanguage();
  const who = asked.scanned.institution.name;
  const { usesMax, periodSeconds } = asked.frequency;
  const often = periodSeconds === undefined ? texts.oftenTotal(usesMax) : texts.oftenPeriod(usesMax, duration(periodSeconds, language));
  const kept = asked.dataLifeSeconds;
  return (
    <section class="stack" aria-labelledby="terms">
      <h2 id="terms">{texts.title}</h2>
      <dl class="card facts terms">
        <div><dt>{texts.use}</dt><dd class="pre" lang={words.language}>{words.useStatement}</dd></div>
        <div><dt>{texts.kept}</dt><dd>{kept === undefined ? texts.keptOpen(who) : texts.keptFor(who, duration(kept, language))}</dd></div>
        <div><dt>{texts.often}</dt><dd>{often}</dd></div>
        <div><dt>{texts.lent}</dt><dd>{duration(asked.grantLifeSeconds, language)}</dd></div>
        <div>
          <dt>{texts.opens}</dt>
          <dd>
            {asked.delivery === "institution" ? texts.opensThem(who) : texts.opensServer(who)}
            {asked.allowedRegions.length > 0 && ` ${texts.regions(list(asked.allowedRegions, language))}`}
          </dd>
        </div>
        <div><dt>{texts.future}</dt><dd>{asked.coversFuture ? texts.futureYes : texts.futureNo}</dd></div>
        <div><dt>{texts.note}</dt><dd class="pre" lang={words.language}>{words.disclaimer}</dd></div>
      </dl>
      <Notice kind="warn" title={texts.back}><p>{texts.backText}</p></Notice>
    </section>
  );
}
