// Hashes and keys from keys (domain/FORMAT.md, section 1). Synchronous: each takes
// microseconds, and WebCrypto has no HKDF-Expand alone.

import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { type Bytes, base64url, concat, lp } from "../bytes.ts";

const ONE = Uint8Array.of(1);

export const sha256 = (...parts: readonly Uint8Array[]): Bytes => nobleSha256(concat(...parts));

/** SHA-256 in base64url, as it stands in documents. */
export const digestOf = (bytes: Uint8Array): string => base64url(sha256(bytes));

/** SHA-256 of `lp(label, fields…)`. */
export const lpDigest = (label: string, ...fields: readonly (Uint8Array | string)[]): Bytes =>
  sha256(lp(label, ...fields));

export const hmac = (key: Uint8Array, message: Uint8Array): Bytes => nobleHmac(nobleSha256, key, message);

/** HKDF-Expand (RFC 5869) with L = 32. */
export const expand = (key: Uint8Array, info: Uint8Array): Bytes => hmac(key, concat(info, ONE));

/** HKDF with an empty salt. */
export const hkdf = (material: Uint8Array, info: Uint8Array): Bytes =>
  expand(hmac(new Uint8Array(32), material), info);
