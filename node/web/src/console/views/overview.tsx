import { base64url } from "../../core/bytes.ts";
import { thumbprint } from "../../core/crypto/keys.ts";
import { consoleTexts } from "../../texts/console.ts";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { useStore } from "../../ui/store.ts";
import { Cluster, type InstitutionView } from "../api.ts";
import type { Live } from "../live.ts";
import { type Loaded, useLoaded } from "../paged.ts";
import { Copyable, Facts, Refusal, State, When, useNumber } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { isRunning, newestFirst } from "../requests.ts";
import { link } from "../route.ts";
import { RequestTable } from "./requests.tsx";

const kinds = { pending: "warn", approved: "ok", refused: "danger", suspended: "danger" } as const;

/** Whose console it is, and what goes on. */
export function Overview({ institution, live }: { institution: Loaded<InstitutionView>; live: Live }) {
  const t = useTexts(consoleTexts);
  const { value, error, reload } = institution;
  const cluster = useLoaded(Cluster, "/.well-known/symbolon").value;
  return (
    <Page name="overview" title={value?.name ?? t.sections.overview} lead={t.overview.lead}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {value === undefined && error === undefined && <Progress text={t.list.loading} />}
      {value && value.state !== "approved" && (
        <Notice kind="warn" title={t.overview.notApproved}><p>{t.overview.notApprovedTodo}</p></Notice>
      )}
      {value?.state === "approved" && <Week live={live} />}
      {value && (
        <section class="card" aria-labelledby="institution">
          <h2 id="institution">{t.overview.institution}</h2>
          <Facts facts={[
            { name: t.overview.name, value: value.name },
            { name: t.overview.state, value: <State kind={kinds[value.state]}>{t.overview.states[value.state]}</State> },
            { name: t.overview.since, value: <When at={value.since} as="full" /> },
            { name: t.overview.dnsName, value: <span class="mono">{value.dns_name}</span> },
            { name: t.id, value: <Copyable text={value.id} label={t.id} /> },
            { name: t.overview.webhook, value: value.webhook === undefined ? t.overview.noWebhook : <a href={link("webhook")}>{value.webhook}</a> },
            value.redirect_uris.length > 0 && { name: t.overview.redirects, value: <span class="mono">{value.redirect_uris.join("\n")}</span> },
            cluster && { name: t.overview.region, value: cluster.region },
            cluster && { name: t.overview.service, value: <Copyable text={cluster.issuer} label={t.overview.service} /> },
          ]} />
        </section>
      )}
      {value && <Keys institution={value} />}
      {value?.state === "approved" && <Latest live={live} />}
    </Page>
  );
}

const SOON_MS = 30 * 86_400_000;

function Keys({ institution }: { institution: InstitutionView }) {
  const t = useTexts(consoleTexts).overview;
  const { hpke_key, signing_key, certificate } = institution;
  return (
    <section class="card" aria-labelledby="keys">
      <h2 id="keys">{t.keys}</h2>
      <Facts facts={[
        { name: t.hpke, value: <Copyable text={hpke_key.kid} label={t.hpke} />, hint: t.hpkeHint },
        { name: t.signing, value: <Copyable text={base64url(thumbprint(signing_key))} label={t.signing} />, hint: t.signingHint },
        certificate && { name: t.certificate, value: <Copyable text={certificate.thumbprint} label={t.certificate} />, hint: t.certificateHint },
        certificate && { name: t.certificateNames, value: <span class="mono">{certificate.dns_names.join(", ")}</span> },
        certificate && {
          name: t.certificateUntil,
          value: <When at={certificate.expires} as="full" />,
          ...(certificate.expires - Date.now() < SOON_MS && { hint: t.certificateSoon }),
        },
      ]} />
    </section>
  );
}

function Week({ live }: { live: Live }) {
  const t = useTexts(consoleTexts).overview;
  const figure = useNumber();
  const { sessions, grants } = useStore(live.requests);
  const all = [...sessions.values()];
  let uses = 0;
  for (const steps of grants.values()) uses += Math.max(0, (steps.at(-1)?.uses ?? 0) - Math.max(0, (steps[0]?.uses ?? 0) - 1));
  const figures = [
    [t.begun, all.length],
    [t.running, all.filter(isRunning).length],
    [t.given, all.filter((it) => it.steps.at(-1)?.end === "approved").length],
    [t.uses, uses],
  ] as const;
  return (
    <section aria-labelledby="week">
      <h2 id="week">{t.today}</h2>
      <dl class="figures-row">
        {figures.map(([name, value]) => <div key={name} class="card"><dt>{name}</dt><dd class="figures">{figure(value)}</dd></div>)}
      </dl>
    </section>
  );
}

function Latest({ live }: { live: Live }) {
  const t = useTexts(consoleTexts).overview;
  const latest = newestFirst(useStore(live.requests)).slice(0, 5);
  return (
    <section class="stack" aria-labelledby="latest">
      <h2 id="latest">{t.latest}</h2>
      {latest.length === 0 ? <p class="muted">{t.nothing}</p> : <RequestTable label={t.latest} requests={latest} />}
    </section>
  );
}
