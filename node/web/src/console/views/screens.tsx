import { useState } from "preact/hooks";
import { post } from "../../core/http.ts";
import { consoleTexts } from "../../texts/console.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { useTexts } from "../../ui/language.ts";
import { FrontEndView, Invitation } from "../api.ts";
import { node } from "../node.ts";
import { usePaged } from "../paged.ts";
import { Empty, More, Refusal, State, useNumber } from "../parts/bits.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { AddScreen } from "./add-screen.tsx";
import { InvitationCard } from "./invitation.tsx";

const kinds = { invited: "warn", enrolled: "ok", removed: "plain" } as const;

type Asking = { readonly what: "add" } | { readonly what: "invite" | "remove"; readonly screen: FrontEndView };

/** Where codes are shown. */
export function Screens() {
  const t = useTexts(consoleTexts);
  const s = t.screens;
  const figure = useNumber();
  const { items, error, isLoading, more, reload } = usePaged(FrontEndView, "/v1/front-ends");
  const [asking, ask] = useState<Asking>();
  const [failed, fail] = useState<unknown>();
  const [given, give] = useState<{ readonly name: string; readonly invitation: Invitation }>();
  const close = () => ask(undefined);
  const done = (what: Promise<void>) => {
    close();
    fail(undefined);
    what.then(reload, fail);
  };
  const invite = async ({ id, name }: FrontEndView) => {
    const invitation = await node.read(Invitation, post(`/v1/front-ends/${id}/invite`));
    give({ name, invitation });
  };
  const remove = async ({ id }: FrontEndView) => {
    await node.send({ method: "DELETE", path: `/v1/front-ends/${id}` });
    if (given?.invitation.front_end === id) give(undefined);
  };
  const columns = [
    { name: s.name, isHeading: true, cell: (it: FrontEndView) => it.name },
    { name: s.place, cell: (it: FrontEndView) => it.place },
    { name: s.state, cell: (it: FrontEndView) => <State kind={kinds[it.state]}>{s.states[it.state]}</State> },
    { name: s.most, isFigure: true, cell: (it: FrontEndView) => <span class="figures">{figure(it.sessions_max)}</span> },
    {
      name: s.do,
      cell: (it: FrontEndView) => it.state !== "removed" && (
        <div class="row">
          <Button action="invite" value={it.id} label={s.inviteOne(it.name)} onClick={() => ask({ what: "invite", screen: it })}>{s.invite}</Button>
          <Button kind="danger" action="remove" value={it.id} label={s.removeOne(it.name)} onClick={() => ask({ what: "remove", screen: it })}>{s.remove}</Button>
        </div>
      ),
    },
  ];
  return (
    <Page
      name="screens"
      title={t.sections.screens}
      lead={s.lead}
      actions={<Button kind="primary" action="add" onClick={() => ask({ what: "add" })}><PlusIcon />{s.add}</Button>}
    >
      {error !== undefined && <Refusal error={error} retry={reload} />}
      {failed !== undefined && <Refusal error={failed} />}
      {given && <InvitationCard key={given.invitation.enrolment_code} {...given} close={() => give(undefined)} />}
      {items?.length === 0 && <Empty title={s.none}>{s.noneTodo}</Empty>}
      {items !== undefined && items.length > 0 && <Table label={t.sections.screens} columns={columns} rows={items} idOf={(it) => it.id} />}
      {items?.length !== 0 && error === undefined && <More count={items?.length ?? 0} more={more} isLoading={isLoading} />}
      {asking?.what === "add" && (
        <AddScreen
          close={close}
          added={(name, invitation) => {
            close();
            give({ name, invitation });
            reload();
          }}
        />
      )}
      {asking?.what === "invite" && (
        <Dialog name="invite" title={s.inviteTitle(asking.screen.name)} onClose={close}
          confirm={{ action: "confirm-invite", text: s.doInvite, danger: true, onClick: () => done(invite(asking.screen)) }}>
          <p>{s.inviteText}</p>
        </Dialog>
      )}
      {asking?.what === "remove" && (
        <Dialog name="remove" title={s.removeTitle(asking.screen.name)} onClose={close}
          confirm={{ action: "confirm-remove", text: s.doRemove, danger: true, onClick: () => done(remove(asking.screen)) }}>
          <p>{s.removeText}</p>
        </Dialog>
      )}
    </Page>
  );
}
