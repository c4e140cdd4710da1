// Length-prefixed concatenation, base64url: how fields become the bytes that are
// hashed, keyed or shown (domain/FORMAT.md, section 1).

/** Bytes that WebCrypto and IndexedDB take: never a view of shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
// `fatal`: bytes that are not UTF-8 are no text. `ignoreBOM`: a mark is a character like others.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** The text of UTF-8 bytes; none when they are not that. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Four big-endian bytes. */
export function u32(value: number): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

/** `lp(label, fields…)`: no two different lists of fields give the same bytes. */
export function lp(label: string, ...fields: readonly (Uint8Array | string)[]): Bytes {
  const parts = [`symbolon/v1/${label}`, ...fields].map((field) => (typeof field === "string" ? utf8(field) : field));
  return concat(...parts.flatMap((part) => [u32(part.length), part]));
}

/** base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** base64 with padding, as a structured header field has it (RFC 8941 section 3.3.5). */
export function base64(bytes: Uint8Array): string {
  // Piece by piece: a call has a bounded number of arguments.
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** Canonical base64url alone: no padding, no spare bits, of this length if one is given. */
export function fromBase64url(text: string, length?: number): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const fits = base64url(bytes) === text && (length === undefined || bytes.length === length);
  return fits ? bytes : undefined;
}

/** Compares without telling by time where two values differ. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
