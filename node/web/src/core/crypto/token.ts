// Tokens and codes (domain/FORMAT.md, section 7).

import { type Bytes, base64url, fromBase64url, lp } from "../bytes.ts";
import { newId } from "../id.ts";
import { hkdf, lpDigest } from "./kdf.ts";

export type TokenPrefix = "atk" | "rtk" | "dtk" | "ftk" | "cod" | "enr" | "req" | "hnt";

const TOKEN = /^([a-z]{3})_([a-z0-9]{1,8})_([A-Za-z0-9_-]{43})$/;

export function isToken(prefix: TokenPrefix, text: string): boolean {
  const parts = TOKEN.exec(text);
  return parts?.[1] === prefix && fromBase64url(parts[3] ?? "", 32) !== undefined;
}

/** What a store keeps of a token. */
export const tokenHash = (token: string): Bytes => lpDigest("token-id", token);

/** The id of a token's entity. */
export const tokenId = (token: string): string =>
  newId("tok", TOKEN.exec(token)?.[2] ?? "", tokenHash(token).subarray(0, 16));

/** A key from a token. */
export const tokenKey = (token: string, label: string, ...fields: readonly (Uint8Array | string)[]): Bytes =>
  hkdf(new TextEncoder().encode(token), lp(label, ...fields));

/** `handle.half`. */
export const formatCode = (handle: string, half: Uint8Array): string => `${handle}.${base64url(half)}`;
