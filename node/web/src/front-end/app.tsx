// Which of its lives the page is in: open elsewhere, not set up yet, or a screen at work.
import { useEffect, useState } from "preact/hooks";
import { type Enrolment, FrontEnd } from "../core/front-end.ts";
import { frontEnd as texts } from "../texts/front-end.ts";
import { Announcer } from "../ui/announce.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { fragment } from "./fragment.ts";
import { type Held, hold } from "./hold.ts";
import { invitationOf } from "./invitation.ts";
import { Elsewhere } from "./screens/elsewhere.tsx";
import { Enrol } from "./screens/enrol.tsx";
import { Insecure, Trouble } from "./screens/trouble.tsx";
import { Work } from "./work.tsx";

export function App() {
  const t = useTexts(texts);
  useEffect(() => { document.title = t.page; }, [t]);
  // Without a secure context the browser gives neither keys nor locks.
  if (!isSecureContext) return <Insecure />;
  return <Screen />;
}

function Screen() {
  const [held, tell] = useState<Held>("asking");
  const [takeOver, setTakeOver] = useState(0);
  useEffect(() => {
    const over = new AbortController();
    void hold(takeOver > 0, tell, over.signal);
    return () => over.abort();
  }, [takeOver]);
  return (
    <>
      {held === "here" && <Here />}
      {held === "elsewhere" && <Elsewhere takeOver={() => setTakeOver(takeOver + 1)} />}
      <Announcer />
    </>
  );
}

type Life =
  | { readonly name: "opening" }
  | { readonly name: "failed"; readonly error: unknown }
  | { readonly name: "enrol"; readonly now: FrontEnd | undefined; readonly invitation: Enrolment | undefined }
  | { readonly name: "work"; readonly frontEnd: FrontEnd };

function Here() {
  const link = useStore(fragment);
  const [life, live] = useState<Life>({ name: "opening" });
  useEffect(() => {
    FrontEnd.open().then(
      (now) => {
        const invitation = link === "" ? undefined : invitationOf(link);
        // The link that set this screen up, opened again.
        const isOld = invitation !== undefined && invitation.frontEnd === now?.id;
        if (now !== undefined && (invitation === undefined || isOld)) live({ name: "work", frontEnd: now });
        else live({ name: "enrol", now, invitation });
      },
      (error: unknown) => live({ name: "failed", error }),
    );
  }, [link]);
  switch (life.name) {
    case "opening": return null;
    case "failed": return <Trouble error={life.error} />;
    case "enrol": {
      const { now, invitation } = life;
      return (
        <Enrol
          now={now}
          invitation={invitation}
          enrolled={(frontEnd) => live({ name: "work", frontEnd })}
          {...(now && { keep: () => live({ name: "work", frontEnd: now }) })}
        />
      );
    }
    case "work":
      return <Work key={life.frontEnd.id} frontEnd={life.frontEnd} enrolAnew={() => live({ name: "enrol", now: undefined, invitation: undefined })} />;
  }
}
