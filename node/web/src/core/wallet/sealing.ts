// What is lent, sealed: each ticked item's secret, wrapped so that only the code's other half
// opens it, and sealed to the institution first where only it may open what it is lent.

import { type Bytes, base64url, fromBase64url, random, utf8 } from "../bytes.ts";
import type { ItemEntry } from "../api.ts";
import { type Purpose, info, recipient, seal } from "../crypto/hpke.ts";
import { contentSecret, epochSecret, grantKey } from "../crypto/key-tree.ts";
import { lpDigest } from "../crypto/kdf.ts";
import { codeWrapKey, grantKeyContext, itemContext, wrap } from "../crypto/wrap.ts";
import type { Delivery } from "./shapes.ts";

/** Enough for the engine to compile what it has run; a tenth of a second of work, once a page. */
const WARMING_ITEMS = 64;

/** What is lent to whom, on which terms. */
export interface Loan {
  readonly issuer: string;
  readonly client: string;
  readonly session: string;
  readonly grant: string;
  /** SHA-256 of the statement's payload. */
  readonly statementHash: Bytes;
  /** The institution's key of the statement. */
  readonly hpkeKey: Bytes;
  readonly delivery: Delivery;
  readonly coversFuture: boolean;
  /** Whether the code's half goes to the institution sealed (`symbolon.session`). */
  readonly sealsHalf: boolean;
  readonly items: readonly { readonly path: string; readonly entry: ItemEntry }[];
}

/** What goes to the node beside the selection, and the half that stays here. */
export interface Sealed {
  readonly half: Bytes;
  readonly codeWrap: Bytes;
  readonly sealedHalf: Bytes | undefined;
  /** One for each item, in their order. */
  readonly wraps: readonly Bytes[];
}

/** Seals a loan; the messages of HPKE are made side by side. */
export async function sealLoan(root: Uint8Array, loan: Loan): Promise<Sealed> {
  const { client, grant } = loan;
  const [key, half, institution] = [grantKey(root, grant), random(32), await recipient(loan.hpkeKey)];
  const sealFor = (purpose: Purpose, ad: Bytes, text: Bytes) =>
    seal(institution, info(loan.statementHash, purpose, loan.issuer, client, loan.session), ad, text);
  const wraps = loan.items.map(async ({ path, entry }) => {
    const item = fromBase64url(entry.item) ?? new Uint8Array();
    const epoch = epochSecret(root, path, entry.epoch);
    const context = itemContext(grant, path, item, loan.coversFuture ? { epoch: entry.epoch } : { object: entry.object });
    const secret = loan.coversFuture ? epoch : contentSecret(epoch, item, entry.salt);
    const lent = loan.delivery === "server" ? secret : await sealFor("item", context, secret);
    return wrap(key, context, lent);
  });
  const sealedHalf = loan.sealsHalf ? sealFor("half", utf8(grant), utf8(base64url(half))) : undefined;
  return {
    half,
    codeWrap: wrap(codeWrapKey(half, grant, client), grantKeyContext(grant, client), key),
    sealedHalf: await sealedHalf,
    wraps: await Promise.all(wraps),
  };
}

/**
 * Seals something of no worth to nobody, so that what an approval runs is compiled while the
 * person still reads: the first sealing of a page takes three times as long as the next.
 */
export async function warmUp(session: string): Promise<void> {
  const entry: ItemEntry = {
    item: base64url(random(32)), version: 1, epoch: 1, object: random(16), digest: base64url(random(32)),
    size: 1, salt: random(32), tombstone: undefined,
  };
  await sealLoan(random(32), {
    issuer: location.origin, client: session, session, grant: session, statementHash: random(32), hpkeKey: random(32),
    delivery: "institution", coversFuture: false, sealsHalf: true,
    items: Array.from({ length: WARMING_ITEMS }, () => ({ path: "nothing", entry })),
  });
}

/** The hash of everything that an approval carries beside the selection. */
export const sealedHash = ({ codeWrap, sealedHalf, wraps }: Sealed): Bytes =>
  lpDigest("approval-wraps", codeWrap, sealedHalf ?? new Uint8Array(), ...wraps);
