// Key pairs whose private halves cannot leave the browser, and public keys as JWK (RFC 7517).

import { type Bytes, fromBase64url, utf8 } from "../bytes.ts";
import { BadInput } from "../problem.ts";
import { type Shape, Misshapen, closed, oneOf, optional, struct, text } from "../shape.ts";
import { digestOf, sha256 } from "./kdf.ts";

/** A P-256 public key. */
export interface P256Jwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** An X25519 public key with its name. */
export interface X25519Jwk {
  readonly kty: "OKP";
  readonly crv: "X25519";
  readonly x: string;
  readonly kid: string;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

const p256Members = closed({ kty: oneOf("EC"), crv: oneOf("P-256"), x: text, y: text, alg: optional(oneOf("ES256")), kid: optional(text), use: optional(text) });

/** Reads a public key; a private one is refused. */
export const p256: Shape<P256Jwk> = (value, place = "") => {
  const { kty, crv, x, y } = p256Members(value, place);
  if (!fromBase64url(x, 32) || !fromBase64url(y, 32)) throw new Misshapen(place);
  return { kty, crv, x, y };
};

const x25519Members = struct({ kty: oneOf("OKP"), crv: oneOf("X25519"), x: text, kid: optional(text) });

export const x25519: Shape<X25519Jwk> = (value, place = "") => {
  const { kty, crv, x, kid } = x25519Members(value, place);
  if (!fromBase64url(x, 32)) throw new Misshapen(place);
  return { kty, crv, x, kid: kid ?? nameOf(x) };
};

const nameOf = (x: string): string => digestOf(utf8(`{"crv":"X25519","kty":"OKP","x":"${x}"}`));

/** The thumbprint (RFC 7638): `jkt` of RFC 9449. */
export const thumbprint = (key: P256Jwk): Bytes =>
  sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`));

export const sameKey = (one: P256Jwk, other: P256Jwk): boolean => one.x === other.x && one.y === other.y;

/** A signing key whose private half cannot leave the browser. */
export const newSigningKey = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(P256, false, ["sign", "verify"]);

/** A key for what is sealed to this device; its private half cannot leave the browser. */
export async function newHpkeKey(): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  } catch (error) {
    throw new BadInput("unsupported", `this browser has no X25519: ${String(error)}`);
  }
}

/** A key that wraps what must not be readable where it is kept. */
export const newWrappingKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

export async function p256Public(pair: CryptoKeyPair): Promise<P256Jwk> {
  return p256(await publicMembers(pair.publicKey));
}

export async function x25519Public(pair: CryptoKeyPair): Promise<X25519Jwk> {
  return x25519(await publicMembers(pair.publicKey));
}

async function publicMembers(key: CryptoKey): Promise<unknown> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
  return { kty, crv, x, y };
}

/** ES256 (RFC 7518 section 3.4): r, then s. */
export async function sign(key: CryptoKey, message: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(ES256, key, message.slice()));
}

export async function verify(key: P256Jwk, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("jwk", { ...key }, P256, false, ["verify"]);
    return await crypto.subtle.verify(ES256, imported, signature.slice(), message.slice());
  } catch {
    // Coordinates of no point.
    return false;
  }
}

/** X25519 key as HPKE's `enc` and our challenge have it: 32 bytes. */
export function x25519Bytes(key: X25519Jwk): Bytes {
  return fromBase64url(key.x, 32) ?? new Uint8Array(32);
}

