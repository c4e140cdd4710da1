// Which screen is shown: what the browser lacks, first steps, a request, or a place of the page.
import { useEffect, useState } from "preact/hooks";
import { Wallet } from "../core/wallet.ts";
import { phone } from "../texts/phone.ts";
import { shared } from "../texts/shared.ts";
import { Announcer } from "../ui/announce.tsx";
import { Button } from "../ui/button.tsx";
import { CheckIcon } from "../ui/icons.tsx";
import { useTexts } from "../ui/language.ts";
import { ProblemScreen } from "../ui/problem.tsx";
import { Progress } from "../ui/progress.tsx";
import { Screen } from "../ui/screen.tsx";
import { useStore } from "../ui/store.ts";
import { Scan } from "./code/scan.tsx";
import { ShowCode } from "./code/show.tsx";
import { Consent } from "./consent/consent.tsx";
import { Enrol } from "./enrol/enrol.tsx";
import { LackScreen } from "./enrol/lack.tsx";
import { Recover } from "./enrol/recover.tsx";
import { Welcome } from "./enrol/welcome.tsx";
import { useTask } from "./hooks.ts";
import { AddItem } from "./items/add.tsx";
import { EditItem } from "./items/edit.tsx";
import { History } from "./items/history.tsx";
import { ItemScreen } from "./items/item.tsx";
import { Items } from "./items/list.tsx";
import { GrantScreen } from "./lent/grant.tsx";
import { Grants } from "./lent/grants.tsx";
import { useNews } from "./news.tsx";
import { replace, type Route, route } from "./route.ts";
import { About } from "./settings/about.tsx";
import { DeleteVault } from "./settings/delete-vault.tsx";
import { Devices } from "./settings/devices.tsx";
import { Export } from "./settings/export.tsx";
import { Settings } from "./settings/settings.tsx";
import { SheetSetting } from "./settings/sheet.tsx";
import { TrySheet } from "./sheet/try.tsx";
import { badLink, dropLink, erased, follow, lost, scanned, wallet } from "./state.ts";
import { lack } from "./support.ts";

export function App() {
  return <><Shown /><Announcer /></>;
}

function Shown() {
  const texts = useTexts(shared);
  const [state, setState] = useState<"opening" | "open" | { error: unknown }>("opening");
  const missing = lack();
  useEffect(() => {
    if (missing) return;
    Wallet.open().then(
      (found) => {
        wallet.set(found);
        setState("open");
      },
      (error: unknown) => setState({ error }),
    );
  }, []);
  const found = useStore(wallet);
  const why = useStore(lost);
  const isErased = useStore(erased) === "gone";
  if (isErased) return <Deleted />;
  if (missing) return <LackScreen of={missing} />;
  if (state === "opening") return <Screen name="opening" title="Symbolon"><Progress text={texts.loading} /></Screen>;
  if (state !== "open") return <ProblemScreen error={state.error} foot={<Reload />} />;
  if (found && why !== undefined) return <Lost error={why} />;
  return found ? <Within /> : <First />;
}

function Reload() {
  const { reload } = useTexts(shared);
  return <Button kind="primary" action="reload" onClick={() => location.reload()}>{reload}</Button>;
}

/** The device was removed, or the vault is gone: only forgetting is left. */
function Lost({ error }: { error: unknown }) {
  const { forgotten: texts } = useTexts(phone);
  const task = useTask();
  const forget = () => task.run("forget", async () => {
    await wallet.get()?.forget();
    lost.set(undefined);
    dropLink();
    wallet.set(undefined);
  });
  return (
    <ProblemScreen error={error} name="lost" foot={<Button kind="danger" action="forget" onClick={forget}>{texts.do}</Button>}>
      <p>{texts.text}</p>
    </ProblemScreen>
  );
}

/** Somebody without a vault here. */
function First() {
  const link = useStore(scanned);
  const bad = useStore(badLink);
  const isSheet = location.pathname === "/recover";
  const [at, go] = useState<"welcome" | "enrol" | "recover">(isSheet ? "recover" : link ? "enrol" : "welcome");
  const home = () => {
    if (isSheet) replace({ at: "items" }, "/");
  };
  if (bad !== undefined) return <BadLink error={bad} />;
  switch (at) {
    case "recover":
      return <Recover link={isSheet && location.hash.length > 1 ? location.href : undefined} onDone={home}
        onBack={() => { home(); go(link ? "enrol" : "welcome"); }} />;
    case "enrol":
      return <Enrol link={link} onBack={link ? undefined : () => go("welcome")} onRecover={() => go("recover")} onMade={() => { saw.link = link !== undefined; }} />;
    case "welcome":
      return <Welcome onStart={() => go("enrol")} onRecover={() => go("recover")} />;
  }
}

/** Who made a vault because of a code saw who asks: the place is held at once. */
const saw = { link: false };

function Within() {
  const its = useStore(wallet);
  const link = useStore(scanned);
  const bad = useStore(badLink);
  const now = useStore(route);
  useEffect(() => its && follow(its), [its]);
  useNews();
  if (bad !== undefined) return <BadLink error={bad} />;
  if (location.pathname === "/recover") return <HasOne />;
  if (link) return <Consent key={link.session} link={link} goOn={saw.link} />;
  return <Place at={now} />;
}

function Place({ at }: { at: Route }) {
  switch (at.at) {
    case "items":
    case "fill": return <Items />;
    case "item": return <ItemScreen key={at.path} path={at.path} />;
    case "history": return <History key={at.path} path={at.path} />;
    case "edit": return <EditItem key={at.path} path={at.path} />;
    case "add": return <AddItem />;
    case "scan": return <Scan />;
    case "show-code": return <ShowCode />;
    case "grants": return <Grants />;
    case "grant": return <GrantScreen key={at.id} id={at.id} />;
    case "settings": return <Settings />;
    case "devices": return <Devices />;
    case "about": return <About />;
    case "export": return <Export />;
    case "delete-vault": return <DeleteVault />;
    case "sheet": return <SheetSetting />;
    case "sheet-try": return <TrySheet onBack={() => history.back()} onDone={() => replace({ at: "items" })} />;
  }
}

function BadLink({ error }: { error: unknown }) {
  const { tabs } = useTexts(phone);
  const { continue: on } = useTexts(shared);
  return <ProblemScreen error={error} foot={<Button kind="primary" action="leave" onClick={dropLink}>{wallet.get() ? tabs.items : on}</Button>} />;
}

function HasOne() {
  const { recover: { exists: texts } } = useTexts(phone);
  return (
    <Screen name="problem" id="exists" title={texts.title} lead={texts.text}
      foot={<Button kind="primary" action="leave" onClick={dropLink}>{texts.go}</Button>} />
  );
}

function Deleted() {
  const { removal: { done: texts } } = useTexts(phone);
  const { close } = useTexts(shared);
  return (
    <Screen name="deleted" title={texts.title} lead={texts.text} figure={<div class="hero-mark hero-ok"><CheckIcon size={40} /></div>}
      foot={<Button kind="primary" action="finish" onClick={() => location.assign("/")}>{close}</Button>} />
  );
}
