// Ids, paths and times: each has one text (domain/FORMAT.md, section 1).

import { type Bytes, concat, random, utf8 } from "./bytes.ts";

/** What an id names, and its byte in stored keys. */
const KINDS = { ins: 1, fre: 2, off: 3, ses: 4, tok: 5, grt: 6, vlt: 7, dev: 8, acc: 9, trf: 10 } as const;
export type Kind = keyof typeof KINDS;

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
// The last character has two spare bits, which are zero: one id has one text.
const ID = /^([a-z]{3})_([a-z0-9]{1,8})_([a-z2-7]{25}[aeimquy4])$/;

export function newId(kind: Kind, region: string, bytes: Uint8Array = random(16)): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n;
  let text = "";
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += BASE32[Number((bits >> shift) & 31n)];
  return `${kind}_${region}_${text}`;
}

export function isId(kind: Kind, text: string): boolean {
  return ID.exec(text)?.[1] === kind;
}

/** The region where an id is at home. */
export function regionOf(id: string): string {
  return ID.exec(id)?.[2] ?? "";
}

/** The 16 bytes that tell an id from others of its kind and region. */
export function randomOf(id: string): Bytes {
  let bits = 0n;
  for (const character of ID.exec(id)?.[3] ?? "") bits = (bits << 5n) | BigInt(BASE32.indexOf(character));
  bits >>= 2n;
  return Uint8Array.from({ length: 16 }, (_, at) => Number((bits >> BigInt(120 - 8 * at)) & 255n));
}

/** The 25 bytes of an id: kind, region padded with zeros, the rest. */
export function idBytes(id: string): Bytes {
  const kind = KINDS[ID.exec(id)?.[1] as Kind];
  const region = new Uint8Array(8);
  region.set(utf8(regionOf(id)));
  return concat(Uint8Array.of(kind), region, randomOf(id));
}

/** One to eight segments of `[a-z0-9_]+`, at most 200 bytes. */
export function isPath(text: string): boolean {
  return text.length <= 200 && /^[a-z0-9_]+(\.[a-z0-9_]+){0,7}$/.test(text);
}

/** RFC 3339 in UTC, as nodes read and write it. */
export const formatTime = (millis: number): string => new Date(millis).toISOString();

/** Milliseconds since 1970; none for another text. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text)) return undefined;
  const millis = Date.parse(text);
  // A day that the month does not have becomes one of the next, and so another text.
  const isExact = millis >= 0 && formatTime(millis).slice(0, 19) === text.slice(0, 19);
  return isExact ? millis : undefined;
}
