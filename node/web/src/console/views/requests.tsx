import { useState } from "preact/hooks";
import { consoleTexts } from "../../texts/console.ts";
import { useTexts } from "../../ui/language.ts";
import { useStore } from "../../ui/store.ts";
import type { Live } from "../live.ts";
import { Empty, Filter, More, State, When, shortId } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { type Request, type Step, isRunning, newestFirst } from "../requests.ts";
import { link } from "../route.ts";

const PAGE = 50;

type Shown = "all" | "running" | "approved" | "other";

const belongs: Record<Shown, (request: Request) => boolean> = {
  all: () => true,
  running: isRunning,
  approved: (it) => it.steps.at(-1)?.end === "approved",
  other: (it) => !isRunning(it) && it.steps.at(-1)?.end !== "approved",
};

/** What was asked for, and where it stands. */
export function Requests({ live }: { live: Live }) {
  const t = useTexts(consoleTexts).requests;
  const title = useTexts(consoleTexts).sections.requests;
  const [shown, show] = useState<Shown>("all");
  const [most, setMost] = useState(PAGE);
  const all = newestFirst(useStore(live.requests));
  const found = all.filter(belongs[shown]);
  const options = (["all", "running", "approved", "other"] as const)
    .map((value) => ({ value, text: t.filters[value], count: all.filter(belongs[value]).length }));
  return (
    <Page name="requests" title={title} lead={t.lead}>
      {all.length === 0 ? <Empty title={t.none}>{t.noneTodo}</Empty> : (
        <>
          <Filter label={t.filter} options={options} value={shown} choose={show} />
          {found.length === 0 ? <Empty title={t.filtered} /> : <RequestTable label={title} requests={found.slice(0, most)} />}
          <More count={Math.min(found.length, most)} more={found.length > most ? () => setMost(most + PAGE) : undefined} isLoading={false} />
        </>
      )}
    </Page>
  );
}

export function RequestTable({ label, requests }: { label: string; requests: readonly Request[] }) {
  const t = useTexts(consoleTexts).requests;
  const columns = [
    { name: t.session, isHeading: true, cell: (it: Request) => <a class="mono" href={link("requests", it.session)}>{shortId(it.session)}</a> },
    { name: t.stands, cell: (it: Request) => <Stands step={it.steps.at(-1)} /> },
    { name: t.begun, cell: (it: Request) => <Time step={it.steps[0]} /> },
    { name: t.moved, cell: (it: Request) => <Time step={it.steps.at(-1)} /> },
    { name: t.grant, cell: (it: Request) => <Given request={it} /> },
  ];
  return <Table label={label} columns={columns} rows={requests} idOf={(it) => it.session} />;
}

/** The grant it led to: only a code that came as an event names it. */
export function Given({ request, isFull = false }: { request: Request; isFull?: boolean }) {
  const t = useTexts(consoleTexts).requests;
  const { grant, steps } = request;
  if (grant !== undefined) return <a class="mono" href={link("grants", grant)}>{isFull ? grant : shortId(grant)}</a>;
  return steps.at(-1)?.end === "approved" ? <a href={link("grants")}>{t.untold}</a> : <span class="muted">{t.noGrant}</span>;
}

const Time = ({ step }: { step: Step | undefined }) => (step ? <When at={step.at} /> : null);

/** A step in words. */
export function Stands({ step }: { step: Step | undefined }) {
  const t = useTexts(consoleTexts).requests;
  if (step === undefined) return null;
  if (step.stage !== "ended") return <State kind="info">{t.stages[step.stage]}</State>;
  if (step.end === undefined) return <State kind="plain">{t.ended}</State>;
  return <State kind={step.end === "approved" ? "ok" : step.end === "wrong_number" ? "warn" : "plain"}>{t.ends[step.end]}</State>;
}
