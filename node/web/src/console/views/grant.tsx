import { useEffect, useState } from "preact/hooks";
import { consoleTexts } from "../../texts/console.ts";
import { grouped, itemName } from "../../texts/items.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Progress } from "../../ui/progress.tsx";
import { GrantView } from "../api.ts";
import type { Live } from "../live.ts";
import { node } from "../node.ts";
import { useLoaded } from "../paged.ts";
import { Copyable, Facts, Refusal, When } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { link } from "../route.ts";
import { GrantState, Uses } from "./grants.tsx";
import { History } from "./history.tsx";

/** One grant: what was lent, on which terms, how it was used. */
export function Grant({ id, live }: { id: string; live: Live }) {
  const t = useTexts(consoleTexts);
  const { value, error, reload } = useLoaded(GrantView, `/v1/grants/${id}`);
  const [isAsking, ask] = useState(false);
  const [failed, fail] = useState<unknown>();
  useEffect(() => live.listen((body) => { if (body.kind === "grant" && body.value.grant === id) reload(); }), [id]);
  const relinquish = async () => {
    ask(false);
    fail(undefined);
    await node.send({ method: "DELETE", path: `/v1/grants/${id}` }).then(reload, fail);
  };
  const isLive = value?.state === "active" || value?.state === "paused";
  return (
    <Page name="grant" id={id} title={t.grants.grant} back={{ href: link("grants"), text: t.grants.back }}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {failed !== undefined && <Refusal error={failed} />}
      {value === undefined && error === undefined && <Progress text={t.list.loading} />}
      {value && <Summary grant={value} />}
      {value && <Lent paths={value.paths} />}
      {value && <History grant={value} />}
      {value && <Proof grant={value} />}
      {isLive && <div class="row"><Button kind="danger" action="relinquish" onClick={() => ask(true)}>{t.grants.relinquish}</Button></div>}
      {isAsking && (
        <Dialog name="relinquish" title={t.grants.relinquishTitle} onClose={() => ask(false)}
          confirm={{ action: "confirm-relinquish", text: t.grants.doRelinquish, danger: true, onClick: () => void relinquish() }}>
          <p>{t.grants.relinquishText}</p>
        </Dialog>
      )}
    </Page>
  );
}

function Summary({ grant }: { grant: GrantView }) {
  const t = useTexts(consoleTexts);
  return (
    <section class="card">
      <Facts facts={[
        { name: t.grants.state, value: <GrantState state={grant.state} />, hint: t.grants.meanings[grant.state] },
        { name: t.grants.uses, value: <Uses grant={grant} /> },
        { name: t.grants.lastUse, value: grant.last_use === undefined ? t.never : <When at={grant.last_use} as="full" /> },
        { name: t.grants.given, value: <When at={grant.created} as="full" /> },
        { name: t.grants.until, value: <When at={grant.expires} as="full" /> },
        { name: t.grants.purpose, value: <span class="mono">{grant.purpose}</span> },
        { name: t.grants.delivery, value: t.offers.deliveries[grant.delivery] },
        { name: t.grants.covers, value: grant.covers_future ? t.offers.coversYes : t.offers.coversNo },
        { name: t.grants.offer, value: <a class="mono" href={link("offers", grant.offer)}>{grant.offer}</a> },
        { name: t.grants.request, value: <a class="mono" href={link("requests", grant.session)}>{grant.session}</a> },
      ]} />
    </section>
  );
}

function Lent({ paths }: { paths: readonly string[] }) {
  const t = useTexts(consoleTexts).grants;
  const language = useLanguage();
  const items = grouped(paths, (path) => path, language).flatMap((it) => it.items);
  return (
    <section class="card" aria-labelledby="lent">
      <h2 id="lent">{t.lent}</h2>
      <ul class="lent">{items.map((path) => <li key={path}><span>{itemName(path, language)}</span><span class="mono muted">{path}</span></li>)}</ul>
    </section>
  );
}

function Proof({ grant }: { grant: GrantView }) {
  const t = useTexts(consoleTexts);
  const { amr, acr, auth_time } = grant.authentication;
  return (
    <section class="card">
      <Facts facts={[
        { name: t.grants.authentication, value: <span class="mono">{amr.join(", ")}</span>, hint: acr },
        { name: t.grants.authTime, value: <When at={auth_time} as="full" /> },
        { name: t.grants.chain, value: <Copyable text={grant.chain} label={t.grants.chain} />, hint: t.grants.chainHint },
        { name: t.grants.statement, value: <Copyable text={grant.statement_hash} label={t.grants.statement} /> },
        { name: t.id, value: <Copyable text={grant.id} label={t.id} /> },
      ]} />
    </section>
  );
}
