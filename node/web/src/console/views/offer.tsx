import { useEffect, useState } from "preact/hooks";
import { fromBase64url } from "../../core/bytes.ts";
import { Offer as Document, allWords } from "../../core/document/offer.ts";
import { parseStrict } from "../../core/json.ts";
import { consoleTexts } from "../../texts/console.ts";
import { duration, languageName } from "../../texts/format.ts";
import { grouped, itemName } from "../../texts/items.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { OfferView } from "../api.ts";
import type { Live } from "../live.ts";
import { node } from "../node.ts";
import { useLoaded } from "../paged.ts";
import { Copyable, Facts, Refusal, State, When, useNumber } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../route.ts";
import { OfferState } from "./offers.tsx";

/** One offer: its items, its terms, the words that people read. */
export function Offer({ id, live }: { id: string; live: Live }) {
  const t = useTexts(consoleTexts);
  const { value, error, reload } = useLoaded(OfferView, `/v1/offers/${id}`);
  const [isAsking, ask] = useState(false);
  const [failed, fail] = useState<unknown>();
  useEffect(() => live.listen((body) => { if (body.kind === "offer" && body.value.offer === id) reload(); }), [id]);
  const document = value && documentOf(value);
  const withdraw = async () => {
    ask(false);
    fail(undefined);
    await node.send({ method: "DELETE", path: `/v1/offers/${id}` }).then(reload, fail);
  };
  const canWithdraw = value?.state === "approved" || value?.state === "proposed";
  return (
    <Page name="offer" id={id} title={value?.title ?? t.offers.title} back={{ href: link("offers"), text: t.offers.back }}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {failed !== undefined && <Refusal error={failed} />}
      {value === undefined && error === undefined && <Progress text={t.list.loading} />}
      {value && (
        <section class="card">
          <Facts facts={[
            { name: t.offers.state, value: <OfferState offer={value} /> },
            { name: t.offers.created, value: <When at={value.created} as="full" /> },
            value.expires !== undefined && { name: t.offers.expires, value: <When at={value.expires} as="full" /> },
            { name: t.id, value: <Copyable text={value.id} label={t.id} /> },
            { name: t.offers.hash, value: <Copyable text={value.hash} label={t.offers.hash} /> },
          ]} />
        </section>
      )}
      {value && document === undefined && <Notice kind="warn" title={t.offers.unreadable} />}
      {document && <Items offer={document} />}
      {document && <Terms offer={document} />}
      {document && <Words offer={document} />}
      {canWithdraw && <div class="row"><Button kind="danger" action="withdraw" onClick={() => ask(true)}>{t.offers.withdraw}</Button></div>}
      {isAsking && (
        <Dialog name="withdraw" title={t.offers.withdrawTitle} onClose={() => ask(false)}
          confirm={{ action: "confirm-withdraw", text: t.offers.doWithdraw, danger: true, onClick: () => void withdraw() }}>
          <p>{t.offers.withdrawText}</p>
        </Dialog>
      )}
    </Page>
  );
}

// The node verified the signature when the offer was proposed, and it is the institution's own.
function documentOf(view: OfferView): Document | undefined {
  try {
    const payload = fromBase64url(view.document?.split(".")[1] ?? "");
    return payload && Document(parseStrict(payload));
  } catch {
    return undefined;
  }
}

function Items({ offer }: { offer: Document }) {
  const t = useTexts(consoleTexts).offers;
  const language = useLanguage();
  type Item = Document["items"][number];
  const rows = grouped(offer.items, (it) => it.path, language).flatMap((it) => it.items);
  const columns = [
    { name: t.item, isHeading: true, cell: (it: Item) => itemName(it.path, language) },
    { name: t.path, cell: (it: Item) => <span class="mono">{it.path}</span> },
    {
      name: t.necessity,
      cell: ({ necessity }: Item) =>
        necessity.kind === "required" ? <State kind="ok">{t.required}</State>
        : necessity.kind === "one_of" ? <State kind="info">{t.oneOf(necessity.group)}</State>
        : <State kind="plain">{t.optional}</State>,
    },
  ];
  return (
    <section class="stack" aria-labelledby="items">
      <h2 id="items">{t.items}</h2>
      <Table label={t.items} columns={columns} rows={rows} idOf={(it) => it.path} />
    </section>
  );
}

function Terms({ offer }: { offer: Document }) {
  const t = useTexts(consoleTexts).offers;
  const language = useLanguage();
  const figure = useNumber();
  const { uses_max, period_seconds } = offer.frequency;
  const regions = offer.allowed_regions ?? [];
  return (
    <section class="card" aria-labelledby="terms">
      <h2 id="terms">{t.terms}</h2>
      <Facts facts={[
        { name: t.purpose, value: <span class="mono">{offer.purpose.code}</span> },
        { name: t.frequency, value: period_seconds === undefined ? t.times(figure(uses_max)) : t.timesIn(figure(uses_max), duration(period_seconds, language)) },
        { name: t.grantLife, value: duration(offer.grant_life_seconds, language) },
        { name: t.dataLife, value: offer.data_life_seconds === undefined ? t.noDataLife : duration(offer.data_life_seconds, language) },
        { name: t.covers, value: offer.covers_future ? t.coversYes : t.coversNo },
        { name: t.delivery, value: t.deliveries[offer.delivery] },
        { name: t.regions, value: regions.length === 0 ? t.anyRegion : regions.join(", ") },
      ]} />
    </section>
  );
}

function Words({ offer }: { offer: Document }) {
  const t = useTexts(consoleTexts).offers;
  const language = useLanguage();
  return (
    <section class="stack" aria-labelledby="words">
      <h2 id="words">{t.words}</h2>
      {allWords(offer).map((words) => (
        <div key={words.language} class="card">
          <h3>{t.language(languageName(words.language, language))}</h3>
          <Facts facts={([[t.title, words.title], [t.purpose, words.purpose], [t.use, words.useStatement], [t.disclaimer, words.disclaimer]] as const)
            .map(([name, text]) => ({ name, value: <span class="pre" lang={words.language}>{text}</span> }))} />
        </div>
      ))}
    </section>
  );
}
