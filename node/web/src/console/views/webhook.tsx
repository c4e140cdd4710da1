import { consoleTexts } from "../../texts/console.ts";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import { type InstitutionView, WebhookStatus } from "../api.ts";
import { type Loaded, useLoaded } from "../paged.ts";
import { Empty, Facts, Refusal, When, useNumber } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";

/** How the last deliveries went. */
export function Webhook({ institution }: { institution: Loaded<InstitutionView> }) {
  const t = useTexts(consoleTexts);
  const w = t.webhook;
  const { value, error, reload } = institution;
  if (value?.webhook !== undefined) return <Deliveries />;
  return (
    <Page name="webhook" title={t.sections.webhook} lead={w.lead}>
      {value && <Empty title={w.none}>{w.noneTodo}</Empty>}
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {value === undefined && error === undefined && <Progress text={t.list.loading} />}
    </Page>
  );
}

function Deliveries() {
  const t = useTexts(consoleTexts);
  const w = t.webhook;
  const figure = useNumber();
  const { value, error, reload } = useLoaded(WebhookStatus, "/v1/webhook");
  return (
    <Page name="webhook" title={t.sections.webhook} lead={w.lead} actions={<Button action="refresh" onClick={reload}>{w.refresh}</Button>}>
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {value === undefined && error === undefined && <Progress text={t.list.loading} />}
      {value && (value.failures > 0
        ? <Notice kind="warn" title={w.failing}><p>{w.failingText}</p></Notice>
        : value.delivered !== undefined && <Notice kind="ok" title={w.good}><p>{w.goodText}</p></Notice>)}
      {value && (
        <section class="card">
          <Facts facts={[
            { name: w.url, value: <span class="mono">{value.url}</span> },
            { name: w.delivered, value: value.delivered_at === undefined ? w.nothing : <When at={value.delivered_at} as="full" /> },
            value.delivered !== undefined && { name: w.position, value: <span class="mono">{value.delivered}</span> },
            { name: w.failures, value: <span class="figures">{figure(value.failures)}</span> },
            value.last_error !== undefined && { name: w.lastError, value: <span class="pre">{value.last_error}</span> },
          ]} />
        </section>
      )}
    </Page>
  );
}
