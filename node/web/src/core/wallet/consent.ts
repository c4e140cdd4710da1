// Approving: the person's ticks become a signed selection, wraps that only the code opens, and
// a code of two halves.

import { type ApproveSession, ApprovedSession } from "../api.ts";
import { base64url, fromBase64url } from "../bytes.ts";
import { formatCode, isToken } from "../crypto/token.ts";
import { statementHash, wordsIn } from "../document/offer.ts";
import { post } from "../http.ts";
import { formatTime, newId, regionOf } from "../id.ts";
import { BadInput, Unreachable, Untrusted } from "../problem.ts";
import type { Device } from "./device.ts";
import { rememberGrant } from "./grants.ts";
import { liveItem, manifest } from "./manifest.ts";
import { type Verified, consentOf, forgetSession, verifiedOf } from "./scan.ts";
import { type Loan, type Sealed, sealLoan, sealedHash } from "./sealing.ts";
import type { Answered, Asked, OfferWords } from "./shapes.ts";
import { checkTicks } from "./ticks.ts";

/** Lends what is ticked, refuses all else that was asked for. Needs the person. */
export async function approve(device: Device, shown: Asked, ticked: readonly string[], language: string): Promise<Answered> {
  const { missing, groups, stray } = checkTicks(shown, ticked);
  if (stray.length > 0) throw new BadInput("tick", `not asked for, or not in the vault: ${stray.join(", ")}`);
  if (missing.length + groups.length > 0 || ticked.length === 0) throw new BadInput("untick");
  const verified = await verifiedOf(device, shown);
  const words = wordsIn(verified.offer, language);
  if (words === undefined) throw new BadInput("language", `the offer has no words in ${language}`);
  const loan = await loanOf(device, verified, ticked);
  const sealed = await device.withRoot((root) => sealLoan(root, loan));
  const selection = await device.sign("symbolon-selection+jwt", selectionOf(device, verified, loan, sealed, words));
  const body: { readonly [K in keyof typeof ApproveSession["members"]]: unknown } = {
    selection,
    assertion: await device.confirm(selection, "symbolon-selection+jwt"),
    wraps: sealed.wraps.map(base64url),
    code_wrap: base64url(sealed.codeWrap),
    sealed_half: sealed.sealedHalf && base64url(sealed.sealedHalf),
  };
  const request = post(`/v1/sessions/${loan.session}/approve`, body);
  const approved = await device.read(ApprovedSession, request).catch((error: unknown) => {
    // The same bytes again are the same approval.
    if (error instanceof Unreachable) return device.read(ApprovedSession, request);
    throw error;
  });
  if (approved.grant !== loan.grant) throw new Untrusted("answer", "the node names another grant");
  const { institution, frontEnd } = verified.asked.scanned;
  await rememberGrant(loan.grant, { institution, frontEnd, words });
  await forgetSession(loan.session);
  return answered(device, verified, approved, sealed);
}

async function loanOf(device: Device, { asked, offer, session }: Verified, ticked: readonly string[]): Promise<Loan> {
  const { statement, hash } = session;
  const { cluster, vault } = device.identity;
  const known = await manifest();
  const items = asked.items.filter(({ path }) => ticked.includes(path));
  return {
    issuer: cluster.issuer,
    client: offer.institution,
    session: statement.session,
    grant: newId("grt", regionOf(vault)),
    statementHash: hash,
    hpkeKey: fromBase64url(statement.institution.hpke_key.x, 32) ?? new Uint8Array(),
    delivery: offer.delivery,
    coversFuture: offer.covers_future,
    sealsHalf: consentOf(session).response_mode === "symbolon.session",
    items: items.map(({ path }) => ({ path, entry: liveItem(known, path).entry })),
  };
}

function selectionOf(device: Device, { asked, offer, session }: Verified, loan: Loan, sealed: Sealed, words: OfferWords): object {
  const consent = consentOf(session);
  const ticked = new Set(loan.items.map(({ path }) => path));
  const issued = Date.now();
  return {
    issuer: loan.issuer,
    client_id: loan.client,
    session: loan.session,
    request: consent.request,
    offer: consent.offer,
    grant: loan.grant,
    vault: device.identity.vault,
    device: device.identity.device,
    items: loan.items.map(({ path, entry: { item, version, digest, epoch } }) => (
      { path, item, version, digest, epoch: loan.coversFuture ? epoch : undefined }
    )),
    refused: asked.items.map(({ path }) => path).filter((path) => !ticked.has(path)),
    purpose: offer.purpose.code,
    frequency: offer.frequency,
    data_life_seconds: offer.data_life_seconds,
    delivery: offer.delivery,
    statement: base64url(statementHash(words)),
    language: words.language,
    wrap: base64url(sealedHash(sealed)),
    issued: formatTime(issued),
    expires: formatTime(issued + offer.grant_life_seconds * 1_000),
  };
}

function answered(device: Device, { session, state, redirectUri }: Verified, approved: ApprovedSession, { half }: Sealed): Answered {
  const { grant, handle, code_expires: expires } = approved;
  if (!isToken("cod", handle)) throw new Untrusted("answer", "the code's handle is none");
  const code = formatCode(handle, half);
  const { statement } = session;
  const { issuer } = device.identity.cluster;
  switch (consentOf(session).response_mode) {
    case "symbolon.session":
      return { kind: "session", grant };
    case "symbolon.scan": {
      const scan = { iss: issuer, client_id: statement.institution.id, session: statement.session, code };
      return { kind: "scan", grant, code: JSON.stringify(scan), expires };
    }
    case "query": {
      if (redirectUri === undefined || !URL.canParse(redirectUri)) throw new Untrusted("answer", "the node names no redirect address");
      const url = new URL(redirectUri);
      url.searchParams.append("code", code);
      url.searchParams.append("iss", issuer);
      if (state !== undefined) url.searchParams.append("state", state);
      return { kind: "query", grant, redirect: url.href, expires };
    }
  }
}
