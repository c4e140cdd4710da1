// The session statement: what a phone is shown of a session before it claims it. The region's
// session key signs it, and the scanned code carries a thumbprint of its payload.

import { responseMode } from "../api.ts";
import { equal, fromBase64url } from "../bytes.ts";
import { sha256 } from "../crypto/kdf.ts";
import { x25519 } from "../crypto/keys.ts";
import { Untrusted } from "../problem.ts";
import { type Infer, bytes, closed, digest, id, optional, text, time, variant } from "../shape.ts";
import type { SessionLink } from "../wallet/shapes.ts";
import { line } from "./texts.ts";

export const SessionStatement = closed({
  issuer: text,
  session: id("ses"),
  operation: variant({
    consent: closed({ offer: digest, request: digest, response_mode: responseMode }),
    store: closed({ hpke_key: x25519, node: line(64) }),
    fetch: closed({ object: bytes(16), hpke_key: x25519, node: line(64) }),
  }),
  front_end: optional(closed({ id: id("fre"), name: line(80), place: line(80) })),
  institution: closed({ id: id("ins"), name: line(80), hpke_key: x25519 }),
  issued: time,
  expires: time,
});
export type SessionStatement = Infer<typeof SessionStatement>;

/**
 * What the phone checks once the signature fitted: the statement belongs to the code that was
 * scanned, to this cluster and to this session, and is not over.
 */
export function checkScanned(statement: SessionStatement, payload: Uint8Array, link: SessionLink, issuer: string, now: number): void {
  const scanned = fromBase64url(link.thumbprint, 16);
  if (!scanned || !equal(sha256(payload).subarray(0, 16), scanned)) throw new Untrusted("thumbprint");
  const isOurs = statement.issuer === issuer && statement.session === link.session && statement.expires > statement.issued;
  if (!isOurs) throw new Untrusted("statement_content");
  if (statement.expires <= now) throw new Untrusted("statement_expired");
}
