import { consoleTexts } from "../../texts/console.ts";
import { useTexts } from "../../ui/language.ts";
import { useStore } from "../../ui/store.ts";
import type { Live } from "../live.ts";
import { Copyable, Empty, Facts, When } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { link } from "../route.ts";
import { Given, Stands } from "./requests.tsx";

/** One request, step by step. */
export function Request({ id, live }: { id: string; live: Live }) {
  const t = useTexts(consoleTexts);
  const request = useStore(live.requests).sessions.get(id);
  return (
    <Page name="request" id={id} title={t.requests.session} back={{ href: link("requests"), text: t.requests.back }}>
      {request === undefined ? <Empty title={t.requests.unknown}>{t.requests.unknownTodo}</Empty> : (
        <>
          <section class="card">
            <Facts facts={[
              { name: t.requests.stands, value: <Stands step={request.steps.at(-1)} /> },
              { name: t.requests.grant, value: <Given request={request} isFull /> },
              { name: t.id, value: <Copyable text={request.session} label={t.id} /> },
            ]} />
          </section>
          <section class="stack" aria-labelledby="steps">
            <h2 id="steps">{t.requests.steps}</h2>
            <Timeline steps={request.steps.map((step) => ({ at: <When at={step.at} as="exact" />, what: <Stands step={step} /> }))} />
          </section>
        </>
      )}
    </Page>
  );
}
