// A request, from the scanned code to what became of it. What was ticked lives here, so that
// nothing on the way (adding an item, a failed confirmation) loses it.
import { useEffect, useState } from "preact/hooks";
import { type Asked, Problem, type Scanned, type SessionLink, type SessionView } from "../../core/wallet.ts";
import { consent } from "../../texts/consent.ts";
import { shared } from "../../texts/shared.ts";
import { Button } from "../../ui/button.tsx";
import { ScanIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { ProblemScreen } from "../../ui/problem.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Screen } from "../../ui/screen.tsx";
import { useStore } from "../../ui/store.ts";
import { useTask } from "../hooks.ts";
import { back, go, route } from "../route.ts";
import { dropLink, lost, useWallet } from "../state.ts";
import { useAlone } from "./alone.ts";
import { Ask } from "./ask.tsx";
import { Denied, Done, Ended } from "./ends.tsx";
import { Fill } from "./fill.tsx";
import { NumberScreen } from "./number.tsx";
import { endOf, mayPass, type Phase, phaseOf } from "./phase.ts";
import { SessionScreen } from "./session.tsx";
import { firstTicks, keepTicks } from "./ticks.ts";
import { Verify } from "./verify.tsx";

const LOOK_MS = 4_000;

export interface ConsentProps {
  link: SessionLink;
  /** The person saw who asks already, and said that they want to go on. */
  goOn: boolean;
}

export function Consent({ link, goOn }: ConsentProps) {
  const { elsewhere } = useTexts(consent);
  const { state, takeOver } = useAlone(`symbolon.session.${link.session}`);
  if (state === "mine") return <Held link={link} goOn={goOn} />;
  if (state === "asking") return <Checking />;
  return (
    <Screen name="elsewhere" title={elsewhere.title} lead={state === "moved" ? elsewhere.moved : elsewhere.lead}
      foot={<Button kind="primary" action="take-over" onClick={takeOver}>{elsewhere.here}</Button>} />
  );
}

/** A session that is not this device's yet is answered as if there were none. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof Problem && error.status < 500) return undefined;
  throw error;
}

function Checking() {
  const texts = useTexts(consent);
  const { loading } = useTexts(shared);
  return <Screen name="checking" title={texts.checking}><Progress text={loading} /></Screen>;
}

function Held({ link, goOn }: ConsentProps) {
  const texts = useTexts(consent);
  const words = useTexts(shared);
  const wallet = useWallet();
  const [phase, setPhase] = useState<Phase>({ at: "checking" });
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const now = useStore(route);
  const task = useTask();

  const fail = (error: unknown) => {
    lost.notice(error);
    const reason = endOf(error);
    setPhase(reason ? { at: "ended", reason } : { at: "problem", error });
  };
  const see = (scanned: Scanned, view: SessionView) => setPhase(phaseOf(scanned, view));

  const leave = () => {
    void wallet.dismiss(link.session);
    dropLink();
  };

  const begin = async () => {
    setPhase({ at: "checking" });
    try {
      const before = await wallet.pending();
      // Scanned here before: this device may have it already.
      const known = before.find((it) => it.session === link.session);
      const view = known ? await wallet.session(link.session).catch(unlessRefused) : undefined;
      const scanned = await wallet.scan(link);
      if (view && view.stage !== "open" && view.stage !== "pushed") see(scanned, view);
      else if (goOn) see(scanned, await wallet.claim(link.session));
      else setPhase({ at: "session", scanned });
    } catch (error) {
      const isOver = error instanceof Problem && error.code === "session_ended";
      // Whoever had it is told how it ended.
      const view = isOver ? await wallet.session(link.session).catch(() => undefined) : undefined;
      if (view?.end) setPhase({ at: "ended", reason: view.end });
      else fail(error);
    }
  };
  useEffect(() => void begin(), [link.session]);

  // What is over is not offered again.
  useEffect(() => {
    if (phase.at === "ended") void wallet.dismiss(link.session);
  }, [phase.at]);

  // Waits until the number was typed.
  useEffect(() => {
    if (phase.at !== "number") return;
    const stop = new AbortController();
    wallet.untilConfirmed(link.session, stop.signal)
      .then((view) => !stop.signal.aborted && see(phase.scanned, view))
      .catch((error: unknown) => !stop.signal.aborted && fail(error));
    return () => stop.abort();
  }, [phase.at]);

  const open = async (view: SessionView, isAgain: boolean) => {
    const asked = await wallet.asked(link.session);
    setTicked((before) => (isAgain ? keepTicks(asked, before) : firstTicks(asked)));
    setPhase({ at: "ask", asked, view });
    return asked;
  };
  useEffect(() => {
    if (phase.at === "opening") open(phase.view, false).catch(fail);
  }, [phase.at]);

  // The other side may withdraw it while it is looked at: nothing tells a phone but the session.
  useEffect(() => {
    if (phase.at !== "ask") return;
    const look = async () => {
      const view = await wallet.session(link.session);
      setPhase((now) => (view.stage === "ended" && now.at === "ask" ? { at: "ended", reason: view.end ?? "expired" } : now));
    };
    const timer = setInterval(() => void look().catch(lost.notice), LOOK_MS);
    return () => clearInterval(timer);
  }, [phase.at]);
  useEffect(() => {
    const until = phase.at === "session" ? phase.scanned.expires : phase.at === "ask" ? phase.view.expires : undefined;
    if (until === undefined) return;
    const timer = setTimeout(() => setPhase({ at: "ended", reason: "expired" }), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [phase]);

  const claim = async (scanned: Scanned) => {
    try {
      see(scanned, await wallet.claim(link.session));
    } catch (error) {
      // What is over, or another's, does not become this device's by trying again.
      if (mayPass(error)) throw error;
      fail(error);
    }
  };

  const deny = () => task.run("deny", async () => {
    const scanned = "scanned" in phase ? phase.scanned : "asked" in phase ? phase.asked.scanned : undefined;
    await wallet.deny(link.session);
    if (scanned) setPhase({ at: "denied", scanned });
  });

  const approve = (asked: Asked, view: SessionView, language: string) => {
    setPhase({ at: "verify", asked, view, ticked });
    task.run("approve", async () => {
      try {
        const answered = await wallet.approve(asked, ticked, language);
        setPhase({ at: "done", asked, ticked, answered });
        if (answered.kind === "query") location.assign(answered.redirect);
      } catch (error) {
        const reason = endOf(error);
        if (reason) return setPhase({ at: "ended", reason });
        setPhase({ at: "ask", asked, view });
        throw error;
      }
    });
  };

  switch (phase.at) {
    case "checking":
    case "opening":
      return <Checking />;
    case "session":
      return <SessionScreen scanned={phase.scanned} busy={task.busy !== undefined} error={task.error} onLeave={dropLink}
        onGo={() => task.run("claim", () => claim(phase.scanned))} />;
    case "number":
      return <NumberScreen scanned={phase.scanned} view={phase.view} error={task.error} onDeny={deny}
        onOver={() => setPhase({ at: "ended", reason: "expired" })} />;
    case "ask":
      if (now.at === "fill") {
        return <Fill asked={phase.asked} first={now.first} onLeave={() => back()} onSaved={async (paths) => {
          const asked = await open(phase.view, true);
          setTicked((before) => keepTicks(asked, [...before, ...paths]));
          back();
        }} />;
      }
      return <Ask asked={phase.asked} view={phase.view} ticked={ticked} onTicked={setTicked} error={task.error}
        onAdd={(first) => go(first ? { at: "fill", first } : { at: "fill" })} onDeny={deny} onLend={(language) => approve(phase.asked, phase.view, language)} />;
    case "verify":
      return <Verify asked={phase.asked} ticked={phase.ticked} />;
    case "done":
      return <Done asked={phase.asked} ticked={phase.ticked} answered={phase.answered} />;
    case "denied":
      return <Denied scanned={phase.scanned} />;
    case "ended":
      return <Ended reason={phase.reason} />;
    case "problem":
      return (
        <ProblemScreen error={phase.error} foot={<>
          {mayPass(phase.error)
            ? <Button kind="primary" action="try-again" onClick={() => void begin()}>{words.tryAgain}</Button>
            : <Button kind="primary" action="scan" onClick={() => { leave(); go({ at: "scan" }); }}><ScanIcon /> {texts.ended.scan}</Button>}
          <Button kind="quiet" action="leave" onClick={leave}>{texts.ended.home}</Button>
        </>} />
      );
  }
}
