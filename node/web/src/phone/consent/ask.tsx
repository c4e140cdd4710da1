// What is asked for, as check boxes with their values, and what is agreed to with it.
import { type Asked, type AskedItem, checkTicks, type SessionView, type StoredItem, wordsFor } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { clock, list } from "../../texts/format.ts";
import { itemName, itemNames } from "../../texts/items.ts";
import { oneLine, shownFile } from "../../texts/values.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, Choices } from "../../ui/choice.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useLoaded, useNow } from "../hooks.ts";
import { isListed, openListed, shownItem } from "../items/opened.ts";
import { useWallet } from "../state.ts";
import { Refusal } from "./refusal.tsx";
import { Terms, Unusual } from "./terms.tsx";
import { groupsOf, missing, withTick } from "./ticks.ts";

export interface AskProps {
  asked: Asked;
  view: SessionView;
  ticked: readonly string[];
  onTicked: (ticked: readonly string[]) => void;
  onAdd: (first?: string) => void;
  onDeny: () => void;
  /** With the language whose words were on the screen. */
  onLend: (language: string) => void;
  error: unknown;
}

export function Ask({ asked, view, ticked, onTicked, onAdd, onDeny, onLend, error }: AskProps) {
  const { ask: texts, session } = useTexts(consent);
  const language = useLanguage();
  const wallet = useWallet();
  const opened = useLoaded(async () => {
    const [all, byPath] = await Promise.all([wallet.items(), openListed(wallet)]);
    return { byPath, sizes: new Map(all.map((it) => [it.path, it.size])) };
  }, [wallet, asked]).value;
  const words = wordsFor(asked, [language, ...navigator.languages]);
  const { institution, frontEnd } = asked.scanned;
  const names = (paths: readonly string[]) => list(itemNames(paths, language, false), language);
  const why = whyNot(asked, ticked, names, texts.why);
  const tick = (item: AskedItem, isOn: boolean) =>
    onTicked(isOn ? withTick(asked, ticked, item) : ticked.filter((path) => path !== item.path));
  const row = (item: AskedItem) => (
    <Row key={item.path} item={item} opened={opened?.byPath.get(item.path)} size={opened?.sizes.get(item.path)} isTicked={ticked.includes(item.path)}
      onTick={(isOn) => tick(item, isOn)} onAdd={() => onAdd(item.path)} />
  );
  const of = (kind: "required" | "optional") => asked.items.filter((it) => it.necessity.kind === kind);
  const lacks = missing(asked);
  const mustFill = lacks.needed.length + lacks.alternatives.length > 0;
  return (
    <Screen name="ask" title={words.title} titleLang={words.language} end={<Left until={view.expires} />}
      lead={<>{texts.from(institution.name)}{frontEnd && <><br /><span class="small">{session.place(frontEnd.name, frontEnd.place)}</span></>}</>}
      foot={<>
        {why && !mustFill && <p class="muted small center" id="why">{why}</p>}
        {mustFill
          ? <Button kind="primary" action="fill" onClick={() => onAdd()}><PlusIcon /> {texts.fill}</Button>
          : <Button kind="primary" action="approve" off={why !== undefined} {...(why ? { why: "why" } : {})} onClick={() => onLend(words.language)}>{texts.lend(ticked.length)}</Button>}
        <Refusal who={institution.name} onDeny={onDeny} />
      </>}>
      {error !== undefined && <ProblemNotice error={error} />}
      <p lang={words.language}>{words.purpose}</p>
      <Unusual asked={asked} />
      {of("required").length > 0 && <Choices legend={texts.required} hint={texts.requiredHint}>{of("required").map(row)}</Choices>}
      {groupsOf(asked).map(({ group, items }) => <Choices key={group} legend={texts.oneOf}>{items.map(row)}</Choices>)}
      {of("optional").length > 0 && <Choices legend={texts.optional} hint={texts.optionalHint}>{of("optional").map(row)}</Choices>}
      <Terms asked={asked} words={words} />
    </Screen>
  );
}

function Left({ until }: { until: number }) {
  const { ask: texts } = useTexts(consent);
  return <span class="muted small figures">{texts.left(clock(until - useNow()))}</span>;
}

interface RowProps {
  item: AskedItem;
  opened: StoredItem | undefined;
  /** Of the sealed object; none before it is known. */
  size: number | undefined;
  isTicked: boolean;
  onTick: (isOn: boolean) => void;
  onAdd: () => void;
}

function Row({ item, opened, size, isTicked, onTick, onAdd }: RowProps) {
  const { ask: texts } = useTexts(consent);
  const language = useLanguage();
  const name = itemName(item.path, language);
  const isMissing = item.version === undefined;
  const { necessity } = item;
  const hint = isMissing ? texts.missing
    : opened ? oneLine(shownItem(opened, language))
    : size === undefined ? "…"
    : isListed(size) ? texts.locked : oneLine(shownFile("", size, language));
  const choice = (
    <Choice kind={necessity.kind === "one_of" ? "radio" : "checkbox"}
      name={necessity.kind === "one_of" ? `group-${necessity.group}` : "tick"}
      value={item.path} checked={isTicked} off={isMissing} onChange={onTick} label={name} hint={hint} />
  );
  if (!isMissing) return choice;
  return (
    <div class="choice-missing">
      {choice}
      <Button kind="quiet" action="add-item" value={item.path} label={texts.addName(name)} onClick={onAdd}><PlusIcon size={20} /> {texts.add}</Button>
    </div>
  );
}

/** What is still in the way, in words. */
function whyNot(asked: Asked, ticked: readonly string[], names: (paths: readonly string[]) => string, texts: (typeof consent)["en"]["ask"]["why"]): string | undefined {
  const { missing, groups } = checkTicks(asked, ticked);
  if (missing.length > 0) return texts.tick(names(missing));
  const [group] = groups;
  const open = groupsOf(asked).find((it) => it.group === group);
  if (open) return texts.group(names(open.items.map((it) => it.path)));
  return ticked.length === 0 ? texts.none : undefined;
}
