// Sealing to someone: HPKE (RFC 9180) in base mode (domain/FORMAT.md, section 6).

import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { type Bytes, concat, lp } from "../bytes.ts";

/** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
export const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

/** What a message is for: one for one purpose does not open as another's. */
export type Purpose = "item" | "half";

/** `info`: the statement that named the key, the purpose, and between whom. */
export const info = (statementHash: Uint8Array, purpose: Purpose, issuer: string, client: string, session: string): Bytes =>
  lp("hpke", statementHash, purpose, issuer, client, session);

/** A recipient's public key of 32 bytes, ready for many messages. */
export const recipient = (key: Uint8Array): Promise<CryptoKey> => suite.kem.deserializePublicKey(key.slice());

/** Seals: the encapsulated key, then ciphertext and tag. */
export async function seal(to: CryptoKey, info: Uint8Array, ad: Uint8Array, text: Uint8Array): Promise<Bytes> {
  const { enc, ct } = await suite.seal({ recipientPublicKey: to, info }, text, ad);
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}
