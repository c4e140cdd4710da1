import { useEffect } from "preact/hooks";
import { get } from "../../core/http.ts";
import { consoleTexts } from "../../texts/console.ts";
import { useTexts } from "../../ui/language.ts";
import { OfferView } from "../api.ts";
import type { Live } from "../live.ts";
import { node } from "../node.ts";
import { usePaged } from "../paged.ts";
import { Empty, More, Refusal, State, When } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../route.ts";

/** What may be asked for. */
export function Offers({ live }: { live: Live }) {
  const t = useTexts(consoleTexts);
  const { items, error, isLoading, more, reload, put } = usePaged(OfferView, "/v1/offers");
  useEffect(() => live.listen((body) => {
    if (body.kind !== "offer") return;
    node.read(OfferView, get(`/v1/offers/${body.value.offer}`)).then(put, () => undefined);
  }), []);
  const columns = [
    { name: t.offers.title, isHeading: true, cell: (it: OfferView) => <a href={link("offers", it.id)}>{it.title}</a> },
    { name: t.offers.state, cell: (it: OfferView) => <OfferState offer={it} /> },
    { name: t.offers.created, cell: (it: OfferView) => <When at={it.created} /> },
    { name: t.offers.expires, cell: (it: OfferView) => (it.expires === undefined ? "—" : <When at={it.expires} />) },
  ];
  return (
    <Page name="offers" title={t.sections.offers} lead={t.offers.lead}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {items?.length === 0 && <Empty title={t.offers.none}>{t.offers.noneTodo}</Empty>}
      {items !== undefined && items.length > 0 && <Table label={t.sections.offers} columns={columns} rows={items} idOf={(it) => it.id} />}
      {items?.length !== 0 && error === undefined && <More count={items?.length ?? 0} more={more} isLoading={isLoading} />}
    </Page>
  );
}

const kinds = { proposed: "warn", approved: "ok", refused: "danger", withdrawn: "plain" } as const;

export function OfferState({ offer }: { offer: OfferView }) {
  const t = useTexts(consoleTexts).offers;
  const isOver = offer.expires !== undefined && offer.expires <= Date.now() && offer.state === "approved";
  return isOver ? <State kind="plain">{t.over}</State> : <State kind={kinds[offer.state]}>{t.states[offer.state]}</State>;
}
