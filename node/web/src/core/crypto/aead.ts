// ChaCha20-Poly1305 (RFC 8439), which WebCrypto does not have.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../bytes.ts";

export const TAG_BYTES = 16;

/** Ciphertext, then the tag. */
export const seal = (key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Bytes =>
  chacha20poly1305(key, nonce, ad).encrypt(text) as Bytes;

/** The text; none when the tag does not fit. */
export function open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Bytes | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  try {
    return chacha20poly1305(key, nonce, ad).decrypt(sealed) as Bytes;
  } catch {
    return undefined;
  }
}
