// What is in the vault, by groups, each with its value.
import { groups as groupTexts } from "./groups.tsx";
import { grouped, itemName, itemTexts } from "../../texts/items.ts";
import { phone } from "../../texts/phone.ts";
import { oneLine, shownFile } from "../../texts/values.ts";
import { vault } from "../../texts/vault.ts";
import { Button } from "../../ui/button.tsx";
import { GoIcon, LockIcon, PlusIcon, ScanIcon } from "../../ui/icons.tsx";
import { useLanguage, useTexts } from "../../ui/language.ts";
import { Notice } from "../../ui/notice.tsx";
import { ProblemNotice } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { NewsNotices } from "../news.tsx";
import { Offline } from "../offline.tsx";
import { PendingRequests } from "../pending.tsx";
import { go } from "../route.ts";
import { useWallet } from "../state.ts";
import { isInSafari } from "../support.ts";
import { Tabs } from "../tabs.tsx";
import { type Listed, shownItem, useItems } from "./opened.ts";

export function Items() {
  const texts = useTexts(phone);
  const { items: own } = useTexts(vault);
  const wallet = useWallet();
  const { value: items, error, isLoading } = useItems();
  return (
    <Screen name="items" title={own.title}
      end={wallet.isSheetTried && items && items.length > 0
        ? <Button kind="icon" action="add-item" label={own.add} onClick={() => go({ at: "add" })}><PlusIcon /></Button>
        : undefined}
      foot={<>
        <Button kind="primary" action="scan" onClick={() => go({ at: "scan" })}><ScanIcon /> {texts.scan}</Button>
        <Tabs now="items" />
      </>}>
      <Offline />
      <NewsNotices />
      <PendingRequests />
      {!wallet.isSheetTried && (
        <div class="card stack">
          <h2>{own.sheetFirst}</h2>
          <p class="muted">{own.sheetText}</p>
          <Button action="sheet" onClick={() => go({ at: "sheet" })}>{own.sheetDo}</Button>
        </div>
      )}
      {error !== undefined && <ProblemNotice error={error} />}
      {!items && isLoading && <Progress text={own.loading} />}
      {items?.length === 0 && wallet.isSheetTried && (
        <div class="card stack">
          <h2>{own.empty.title}</h2>
          <p class="muted">{own.empty.text}</p>
          <Button action="add-item" onClick={() => go({ at: "add" })}><PlusIcon /> {own.add}</Button>
        </div>
      )}
      {items && <Groups items={items} />}
      {wallet.isSheetTried && !wallet.isPersistent && (
        <Notice kind="info" title={texts.enrol.notKept.title}><p>{isInSafari() ? texts.enrol.notKept.safari : texts.enrol.notKept.text}</p></Notice>
      )}
    </Screen>
  );
}

function Groups({ items }: { items: Listed[] }) {
  const language = useLanguage();
  const texts = useTexts(itemTexts);
  return (
    <>
      {grouped(items, (it) => it.path, language).map(({ group, items }) => {
        const Icon = groupTexts[group];
        return (
          <section key={group} class="stack" aria-labelledby={`group-${group}`}>
            <h2 class="group" id={`group-${group}`}><Icon size={20} /> {texts.groups[group]}</h2>
            <ul class="rows rows-card">
              {items.map((it) => <li key={it.path}><Row of={it} /></li>)}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function Row({ of: { path, size, isFile, item } }: { of: Listed }) {
  const language = useLanguage();
  const { items: own } = useTexts(vault);
  return (
    <button type="button" class="row-link" data-action="open-item" value={path} onClick={() => go({ at: "item", path })}>
      <span class="row-text">
        <span class="row-label">{itemName(path, language)}</span>
        {item || isFile
          ? <span class="row-value">{oneLine(item ? shownItem(item, language) : shownFile("", size, language))}</span>
          : <span class="row-value muted"><LockIcon size={18} /> {own.locked}</span>}
      </span>
      <span class="row-go"><GoIcon size={20} /></span>
    </button>
  );
}
