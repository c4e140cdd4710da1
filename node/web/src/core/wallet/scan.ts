// Scanning: whose session it is, what is asked for, and nothing shown that does not verify.

import { SessionOffer, SessionView as WireView } from "../api.ts";
import { base64url } from "../bytes.ts";
import { type PinnedCluster, fetchCluster, pin, trusting, verifyStatement } from "../cluster.ts";
import { sha256 } from "../crypto/kdf.ts";
import * as database from "../database.ts";
import { Offer, allWords } from "../document/offer.ts";
import { SessionStatement, checkScanned } from "../document/statement.ts";
import { pause } from "../events.ts";
import { Node, get, post } from "../http.ts";
import { Jws } from "../jws.ts";
import { BadInput, Untrusted } from "../problem.ts";
import type { Device } from "./device.ts";
import { manifest } from "./manifest.ts";
import { warmUp } from "./sealing.ts";
import type { Asked, AskedItem, Scanned, SessionLink, SessionView } from "./shapes.ts";
import { type KeptSession, type Manifest, keep, recall } from "./state.ts";
import { viewOf } from "./view.ts";

/** How often is looked whether the number was typed, milliseconds. */
const LOOK_EVERY = 500;

/** What a consent's statement says it is for. */
export type Consent = Extract<SessionStatement["operation"], { readonly kind: "consent" }>["value"];

/** Offer, request and channel of a consent. */
export function consentOf({ statement: { operation } }: KeptSession): Consent {
  if (operation.kind !== "consent") throw new Untrusted("statement_content", "this session is no request for consent");
  return operation.value;
}

/** Fetches the statement behind a link and verifies it; kept until it is answered or over. */
export async function scan(device: Device, link: SessionLink): Promise<Scanned> {
  const kept = await verified(device.node, device.identity.cluster, link);
  await changeSessions((sessions) => ({ ...sessions, [link.session]: kept }));
  return shown(kept);
}

/** Who asks, for a browser without a wallet: against the root that the node shows now. */
export async function peek(link: SessionLink): Promise<Scanned> {
  const node = new Node(location.origin);
  return shown(await verified(node, await pin(await fetchCluster(node)), link));
}

async function verified(node: Node, cluster: PinnedCluster, link: SessionLink): Promise<KeptSession> {
  if (link.origin !== cluster.walletOrigin) {
    throw new Untrusted("foreign_origin", `the code points to ${link.origin}, this wallet belongs to ${cluster.walletOrigin}`);
  }
  const [answer, told] = await Promise.all([node.bytes(get(`/v1/sessions/${link.session}/statement`)), fetchCluster(node)]);
  const document = new TextDecoder().decode(answer).trim();
  const { statement, payload } = await verifyStatement(cluster, told, document, SessionStatement);
  checkScanned(statement, payload, link, cluster.issuer, Date.now());
  const kept: KeptSession = { link, statement, hash: sha256(payload) };
  consentOf(kept);
  return kept;
}

/** Sessions that were scanned and are neither answered nor over. */
export async function pending(): Promise<Scanned[]> {
  const sessions = Object.values((await recall("sessions")) ?? {});
  return sessions.filter(({ statement }) => statement.expires > Date.now()).map(shown);
}

/** A session that was scanned here. */
export async function scanned(session: string): Promise<KeptSession> {
  const kept = ((await recall("sessions")) ?? {})[session];
  if (kept === undefined) throw new BadInput("unknown", "this session was not scanned here, or is over");
  return kept;
}

/** Forgets a session that was answered. */
export const forgetSession = (session: string): Promise<void> =>
  changeSessions(({ [session]: _, ...others }) => others);

function changeSessions(change: (sessions: Readonly<Record<string, KeptSession>>) => Record<string, KeptSession>): Promise<void> {
  return database.exclusively("sessions", async () => {
    const now = Date.now();
    const changed = Object.entries(change((await recall("sessions")) ?? {}));
    await keep({ sessions: Object.fromEntries(changed.filter(([, { statement }]) => statement.expires > now)) });
  });
}

function shown(kept: KeptSession): Scanned {
  const { link, statement } = kept;
  const { institution, front_end: frontEnd, issued, expires } = statement;
  const { id, name } = institution;
  return {
    session: link.session, link, institution: { id, name }, frontEnd,
    responseMode: consentOf(kept).response_mode, issued, expires,
  };
}

/** Takes the session for this device alone; the answer has the number. */
export async function claim(device: Device, session: string): Promise<SessionView> {
  return viewOf(await device.read(WireView, post(`/v1/sessions/${session}/claim`)));
}

/** Where a session is. */
export async function look(device: Device, session: string): Promise<SessionView> {
  return viewOf(await device.read(WireView, get(`/v1/sessions/${session}`)));
}

/** Where a session is, now and whenever that changes, until it is over. */
export async function* watchSession(device: Device, session: string, signal: AbortSignal): AsyncGenerator<SessionView, void, void> {
  let last = "";
  while (!signal.aborted) {
    const view = await look(device, session);
    const text = JSON.stringify(view);
    if (text !== last && !signal.aborted) yield view;
    if (view.stage === "ended") return;
    last = text;
    await pause(LOOK_EVERY, signal);
  }
}

/** Waits until the number was typed, or the session is over. */
export async function untilConfirmed(device: Device, session: string, signal: AbortSignal): Promise<SessionView> {
  for await (const view of watchSession(device, session, signal)) {
    if (view.stage === "confirmed" || view.stage === "ended") return view;
  }
  throw signal.reason;
}

/** What is asked for, with what an approval needs of it. */
export interface Verified {
  readonly asked: Asked;
  readonly offer: Offer;
  readonly session: KeptSession;
  readonly state: string | undefined;
  readonly redirectUri: string | undefined;
}

// What was verified of what is on the screen: nothing has to be fetched between the person's
// click and their confirmation, which some browsers allow for a moment only.
const known = new WeakMap<Asked, Verified>();

/** What an approval needs of what was shown; fetched again after the screen was made anew. */
export async function verifiedOf(device: Device, shown: Asked): Promise<Verified> {
  const found = known.get(shown) ?? (await ask(device, shown.scanned.session));
  if (terms(shown) !== terms(found.asked)) throw new Untrusted("offer", "the offer is another than the one that was shown");
  return found;
}

// Everything but what is in the vault, which the person may have changed meanwhile.
const terms = ({ items, scanned: _, ...others }: Asked): string =>
  JSON.stringify([others, items.map(({ path, necessity }) => [path, necessity])]);

/** What is asked for: the offer must be the one that the statement names. */
export async function ask(device: Device, session: string): Promise<Verified> {
  const kept = await scanned(session);
  const consent = consentOf(kept);
  const told = await device.read(SessionOffer, get(`/v1/sessions/${session}/offer`));
  const offer = await trusting("offer", () => {
    const jws = Jws.parse(told.offer, "symbolon-offer+jwt");
    const claimed = jws.claimed(Offer);
    const fits = base64url(jws.digest) === consent.offer
      && told.request === consent.request
      && claimed.institution === kept.statement.institution.id;
    if (!fits) throw new Untrusted("offer", "the offer is another than the statement names");
    return claimed;
  });
  const vault = await manifest();
  const items = offer.items.filter(({ path }) => told.paths.includes(path)).map(({ path, necessity }): AskedItem => (
    { path, necessity, version: versionOf(vault, path) }
  ));
  const asked = askedOf(kept, offer, items);
  const verified = { asked, offer, session: kept, state: told.state, redirectUri: told.redirect_uri };
  known.set(asked, verified);
  warmUpOnce(session);
  return verified;
}

let isWarm = false;

// Once a page, and not before the screen is drawn. What it does is of no worth, so that a
// failure is none either.
function warmUpOnce(session: string): void {
  if (isWarm) return;
  isWarm = true;
  setTimeout(() => void warmUp(session).catch(() => undefined), 300);
}

function versionOf({ items }: Manifest, path: string): number | undefined {
  const entry = Object.hasOwn(items, path) ? items[path]?.entry : undefined;
  return entry?.tombstone === undefined ? entry?.version : undefined;
}

function askedOf(kept: KeptSession, offer: Offer, items: readonly AskedItem[]): Asked {
  const { uses_max: usesMax, period_seconds: periodSeconds } = offer.frequency;
  return {
    scanned: shown(kept),
    words: allWords(offer),
    items,
    purposeCode: offer.purpose.code,
    frequency: { usesMax, periodSeconds },
    dataLifeSeconds: offer.data_life_seconds,
    grantLifeSeconds: offer.grant_life_seconds,
    coversFuture: offer.covers_future,
    delivery: offer.delivery,
    allowedRegions: offer.allowed_regions ?? [],
  };
}

