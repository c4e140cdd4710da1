import { useState } from "preact/hooks";
import type { RecordView } from "../../core/api.ts";
import { consoleTexts } from "../../texts/console.ts";
import { itemName } from "../../texts/items.ts";
import { Button } from "../../ui/button.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { Progress } from "../../ui/progress.tsx";
import type { GrantView } from "../api.ts";
import { Refusal, When, useNumber } from "../parts/bits.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { useRecords } from "../records.ts";
import { GrantState } from "./grants.tsx";

/** So many records are read without being asked for. */
const UNASKED_MAX = 500;

/** What became of a grant: each record, and whether the chain holds. */
export function History({ grant }: { grant: GrantView }) {
  const t = useTexts(consoleTexts);
  const figure = useNumber();
  const [isWanted, want] = useState(grant.uses <= UNASKED_MAX);
  const { found, error } = useRecords(grant.id, isWanted, `${grant.chain} ${grant.state}`);
  let uses = 0;
  const numbered = found?.records.map((record) => ({ record, use: record.fact.kind === "used" ? (uses += 1) : 0 })) ?? [];
  return (
    <section class="stack" aria-labelledby="history">
      <h2 id="history">{t.grants.history}</h2>
      {!isWanted && <div class="row"><Button action="records" onClick={() => want(true)}>{t.grants.load(figure(grant.uses))}</Button></div>}
      {isWanted && found === undefined && error === undefined && <Progress text={t.list.loading} />}
      {error !== undefined && <Refusal error={error} />}
      {found && (found.head === grant.chain
        ? <Notice kind="ok"><p>{t.grants.verified(figure(found.records.length))}</p></Notice>
        // A record that came between the two answers shows as well, until the next look.
        : <Notice kind="warn"><p>{t.grants.differs}</p></Notice>)}
      {found && (
        <Timeline
          steps={numbered.toReversed().map(({ record, use }) => ({
            at: <When at={record.fact.at} as="exact" />,
            what: <What record={record} use={use} />,
          }))}
        />
      )}
    </section>
  );
}

function What({ record, use }: { record: RecordView; use: number }) {
  const t = useTexts(consoleTexts).grants;
  const language = useLanguage();
  const figure = useNumber();
  const { kind, state, items = [] } = record.fact;
  if (kind === "given") return <strong>{t.wasGiven}</strong>;
  if (kind === "moved") return state === undefined ? null : <GrantState state={state} />;
  return (
    <>
      <strong>{t.use(figure(use))}</strong>
      <details>
        <summary>{t.read(figure(items.length))}</summary>
        <ul class="read">
          {items.map((item) => <li key={item.item}>{itemName(item.path, language)} <span class="muted">{t.version(figure(item.version))}</span></li>)}
        </ul>
      </details>
    </>
  );
}
