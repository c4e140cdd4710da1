import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/http.ts";
import { consoleTexts } from "../../texts/console.ts";
import { duration } from "../../texts/format.ts";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { GrantView } from "../api.ts";
import type { Live } from "../live.ts";
import { node } from "../node.ts";
import { usePaged } from "../paged.ts";
import { Empty, Filter, More, Refusal, State, When, shortId, useNumber } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../route.ts";

type Shown = "all" | "active" | "paused" | "ended";

const belongs: Record<Shown, (grant: GrantView) => boolean> = {
  all: () => true,
  active: (it) => it.state === "active",
  paused: (it) => it.state === "paused",
  ended: (it) => it.state !== "active" && it.state !== "paused",
};

/** What people have lent. */
export function Grants({ live }: { live: Live }) {
  const t = useTexts(consoleTexts);
  const figure = useNumber();
  const [shown, show] = useState<Shown>("all");
  const { items, error, isLoading, more, reload, put } = usePaged(GrantView, "/v1/grants");
  useEffect(() => live.listen((body) => {
    if (body.kind !== "grant") return;
    node.read(GrantView, get(`/v1/grants/${body.value.grant}`)).then(put, () => undefined);
  }), []);
  const found = items?.filter(belongs[shown]);
  const options = (["all", "active", "paused", "ended"] as const)
    .map((value) => ({ value, text: t.grants.filters[value], count: items?.filter(belongs[value]).length ?? 0 }));
  const columns = [
    { name: t.grants.grant, isHeading: true, cell: (it: GrantView) => <a class="mono" href={link("grants", it.id)}>{shortId(it.id)}</a> },
    { name: t.grants.state, cell: (it: GrantView) => <GrantState state={it.state} /> },
    { name: t.grants.items, isFigure: true, cell: (it: GrantView) => <span class="figures">{figure(it.paths.length)}</span> },
    { name: t.grants.uses, cell: (it: GrantView) => <Uses grant={it} /> },
    { name: t.grants.lastUse, cell: (it: GrantView) => (it.last_use === undefined ? <span class="muted">{t.never}</span> : <When at={it.last_use} />) },
    { name: t.grants.given, cell: (it: GrantView) => <When at={it.created} /> },
    { name: t.grants.until, cell: (it: GrantView) => <When at={it.expires} /> },
  ];
  return (
    <Page name="grants" title={t.sections.grants} lead={t.grants.lead}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {items?.length === 0 && <Empty title={t.grants.none}>{t.grants.noneTodo}</Empty>}
      {items !== undefined && items.length > 0 && <Filter label={t.grants.filter} options={options} value={shown} choose={show} />}
      {found !== undefined && found.length > 0 && <Table label={t.sections.grants} columns={columns} rows={found} idOf={(it) => it.id} />}
      {items !== undefined && items.length > 0 && found?.length === 0 && <Empty title={t.grants.filtered} />}
      {items?.length !== 0 && error === undefined && <More count={items?.length ?? 0} more={more} isLoading={isLoading} />}
    </Page>
  );
}

const kinds = { active: "ok", paused: "warn", revoked: "plain", expired: "plain", superseded: "plain" } as const;

export function GrantState({ state }: { state: GrantView["state"] }) {
  const t = useTexts(consoleTexts).grants;
  return <State kind={kinds[state]}>{t.states[state]}</State>;
}

/** How often it was used, and how often it may be. */
export function Uses({ grant }: { grant: GrantView }) {
  const t = useTexts(consoleTexts).grants;
  const language = useLanguage();
  const figure = useNumber();
  const { uses, uses_max, period_seconds } = grant;
  return (
    <span class="figures">
      {period_seconds === undefined
        ? t.usesOf(figure(uses), figure(uses_max))
        : t.usesIn(figure(uses), figure(uses_max), duration(period_seconds, language))}
    </span>
  );
}
