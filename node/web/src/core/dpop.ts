// DPoP (RFC 9449): proofs that whoever presents a token holds its key.

import { base64url, random, utf8 } from "./bytes.ts";
import type { P256Jwk } from "./crypto/keys.ts";
import { digestOf } from "./crypto/kdf.ts";
import { type Signer, signJws } from "./jws.ts";

/** A key, its public half, and the token that is bound to it once there is one. */
export interface Holder {
  readonly signer: Signer;
  readonly jwk: P256Jwk;
  readonly token?: string | undefined;
}

/** The value of the `DPoP` header for one request. Query and fragment are no part of the proof. */
export function prove(holder: Holder, method: string, url: string, nonce: string | undefined, now: number): Promise<string> {
  const claims = {
    jti: base64url(random(16)),
    htm: method,
    htu: url.replace(/[?#].*$/s, ""),
    iat: Math.floor(now / 1_000),
    ath: holder.token === undefined ? undefined : digestOf(utf8(holder.token)),
    nonce,
  };
  return signJws(holder.signer, "dpop+jwt", claims, holder.jwk);
}
