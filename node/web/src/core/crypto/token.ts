// Tokens and codes (domain/FORMAT.md, section 7).

import { base64url, fromBase64url } from "../bytes.ts";

export type TokenPrefix = "atk" | "rtk" | "dtk" | "ftk" | "cod" | "enr" | "req" | "hnt";

const TOKEN = /^([a-z]{3})_([a-z0-9]{1,8})_([A-Za-z0-9_-]{43})$/;

export function isToken(prefix: TokenPrefix, text: string): boolean {
  const parts = TOKEN.exec(text);
  return parts?.[1] === prefix && fromBase64url(parts[3] ?? "", 32) !== undefined;
}

/** `handle.half`. */
export const formatCode = (handle: string, half: Uint8Array): string => `${handle}.${base64url(half)}`;
