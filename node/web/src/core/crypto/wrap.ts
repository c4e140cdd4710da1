// Wraps: a short secret under a key, bound to a context (domain/FORMAT.md, section 3).

import { type Bytes, concat, equal, lp, u32 } from "../bytes.ts";
import { open, seal } from "./aead.ts";
import { expand, hkdf, hmac } from "./kdf.ts";

const SALT_BYTES = 32;
const NONCE = new Uint8Array(12);

/** The context of a grant key, wrapped for one client. */
export const grantKeyContext = (grant: string, client: string): Bytes => lp("wrap/grant-key", grant, client);

/** Which secret of an item is lent: one version's, or an epoch's with all that follow in it. */
export type Lent = { readonly object: Uint8Array } | { readonly epoch: number };

/** The context of an item's secret, also the associated data when it is sealed by HPKE. */
export function itemContext(grant: string, path: string, item: Uint8Array, lent: Lent): Bytes {
  return "object" in lent
    ? lp("wrap/item", grant, path, item, "version", lent.object)
    : lp("wrap/item", grant, path, item, "epoch", u32(lent.epoch));
}

/** The key that waits for the code. */
export const codeWrapKey = (half: Uint8Array, grant: string, client: string): Bytes =>
  hkdf(half, lp("wrap/code", grant, client));

// The salt depends on the secret, and the cipher's key on the salt: a nonce is never used
// twice for different secrets, without any randomness.
const saltOf = (key: Uint8Array, context: Uint8Array, secret: Uint8Array): Bytes =>
  hmac(expand(key, lp("wrap/salt")), lp("wrap/salt", context, secret));

export function wrap(key: Uint8Array, context: Uint8Array, secret: Uint8Array): Bytes {
  const salt = saltOf(key, context, secret);
  return concat(salt, seal(expand(key, lp("wrap/key", salt)), NONCE, context, secret));
}

/** The secret; none when key or context are others, or the wrap was changed. */
export function unwrap(key: Uint8Array, context: Uint8Array, wrapped: Uint8Array): Bytes | undefined {
  if (wrapped.length < SALT_BYTES) return undefined;
  const salt = wrapped.subarray(0, SALT_BYTES);
  const secret = open(expand(key, lp("wrap/key", salt)), NONCE, context, wrapped.subarray(SALT_BYTES));
  const fits = secret !== undefined && equal(saltOf(key, context, secret), salt);
  return fits ? secret : undefined;
}
