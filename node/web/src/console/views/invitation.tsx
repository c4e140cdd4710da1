import { useEffect, useRef } from "preact/hooks";
import { consoleTexts } from "../../texts/console.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { useTexts } from "../../ui/language.ts";
import { Qr } from "../../ui/qr.tsx";
import { Cluster, type Invitation } from "../api.ts";
import { useLoaded } from "../paged.ts";
import { Copyable, Facts } from "../parts/bits.tsx";

export interface InvitationCardProps {
  name: string;
  invitation: Invitation;
  close: () => void;
}

/** The code that sets a screen up: shown once, kept nowhere. */
export function InvitationCard({ name, invitation, close }: InvitationCardProps) {
  const t = useTexts(consoleTexts).screens;
  const cluster = useLoaded(Cluster, "/.well-known/symbolon").value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    announce(t.invitation(name));
  }, []);
  const code = `${invitation.front_end}:${invitation.enrolment_code}`;
  const link = cluster && `${cluster.issuer}/front-end#enrol=${code}`;
  return (
    <section class="card invitation" aria-labelledby="invitation" data-invitation={invitation.front_end}>
      <h2 id="invitation" tabIndex={-1} ref={heading}>{t.invitation(name)}</h2>
      <p>{t.invitationLead}</p>
      {link && <Qr text={link} label={t.qr} />}
      <Facts facts={[
        link !== undefined && { name: t.link, value: <Copyable text={link} label={t.link} /> },
        { name: t.code, value: <Copyable text={code} label={t.code} /> },
      ]} />
      <div class="row"><Button action="close-invitation" onClick={close}>{t.close}</Button></div>
    </section>
  );
}
