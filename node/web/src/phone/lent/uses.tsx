// What happened under a grant, newest first: each read with what was read, and what has
// changed since. The chain was verified before any of it is shown.
import type { Grant, GrantRecord, UsedItem } from "../../core/wallet.ts";
import { date, list, moment } from "../../texts/format.ts";
import { itemName, itemNames } from "../../texts/items.ts";
import { vault } from "../../texts/vault.ts";
import { CheckIcon, EyeIcon, LendIcon, PauseIcon, PlayIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { useLoaded } from "../hooks.ts";
import { useWallet } from "../state.ts";

/** When the version was made that was read, as far as this device knows. */
type Made = ReadonlyMap<string, number>;
const key = (it: UsedItem) => `${it.path} ${it.version}`;

export function Uses({ grant, who }: { grant: Grant; who: string }) {
  const { grant: texts } = useTexts(vault);
  const wallet = useWallet();
  const { value, error } = useLoaded(async () => {
    const records = await wallet.records(grant.id);
    const old = records.flatMap((it) => it.items).filter((it) => it.changedSince);
    const made = new Map<string, number>();
    for (const path of new Set(old.map((it) => it.path))) {
      for (const past of await wallet.history(path)) made.set(`${path} ${past.version}`, past.at);
    }
    return { records: [...records].reverse(), made };
  }, [wallet, grant.id, grant.uses, grant.state]);
  return (
    <section class="stack" aria-labelledby="uses">
      <h2 id="uses">{texts.uses}</h2>
      {error !== undefined && <ProblemNotice error={error} />}
      {value && (
        <>
          <ol class="uses card">
            {value.records.map((it) => <li key={it.sequence} data-record={it.kind}><Record of={it} who={who} made={value.made} /></li>)}
          </ol>
          <p class="muted small verified"><CheckIcon size={18} /> {texts.verified}</p>
        </>
      )}
    </section>
  );
}

function Record({ of, who, made }: { of: GrantRecord; who: string; made: Made }) {
  const { grant: texts } = useTexts(vault);
  const language = useLanguage();
  const Icon = of.kind === "used" ? EyeIcon : of.kind === "given" ? LendIcon : of.state === "active" ? PlayIcon : PauseIcon;
  const names = list(itemNames(of.items.map((it) => it.path), language, false), language);
  const changed = of.items.filter((it) => it.changedSince || it.currentVersion === undefined);
  const since = (it: UsedItem): string => {
    const name = itemName(it.path, language);
    if (it.currentVersion === undefined) return texts.deletedSince(name);
    const at = made.get(key(it));
    return at === undefined ? texts.changedSinceUnknown(name) : texts.changedSince(name, date(at, language));
  };
  return (
    <>
      <span class="row-icon"><Icon size={20} /></span>
      <div class="row-text">
        <span class="muted small">{moment(of.at, language)}</span>
        <span>{of.kind === "used" ? texts.read(who, names) : of.kind === "given" ? texts.given : texts.moved[of.state ?? "active"]}</span>
        {changed.length > 0 && <ul class="since">{changed.map((it) => <li key={key(it)}>{since(it)}</li>)}</ul>}
      </div>
    </>
  );
}
