// Deterministic CBOR (RFC 8949 section 4.2.1): one value has one encoding, and the reader
// refuses every other. Only the types of our records: no negative numbers, floats, tags.

import { type Bytes, concat, fromUtf8, utf8 } from "./bytes.ts";

/** A value; maps have text keys, numbers are unsigned (a `bigint` where they are not exact). */
export type Cbor =
  | number | bigint | string | boolean | null | Uint8Array
  | readonly Cbor[] | ReadonlyMap<string, Cbor>;

/** Bytes that are not the deterministic encoding of one of our values. */
export class NotCbor extends Error {}

/** How many arrays and maps may be within one another. */
const DEPTH_MAX = 16;

// The shortest form of major type and argument (RFC 8949 section 3).
function head(major: number, argument: number | bigint): Bytes {
  const first = major << 5;
  if (argument < 24) return Uint8Array.of(first | Number(argument));
  const width = argument <= 0xff ? 1 : argument <= 0xffff ? 2 : argument <= 0xffff_ffff ? 4 : 8;
  const out = new Uint8Array(1 + width);
  out[0] = first | (24 + Math.log2(width));
  for (let at = width, left = BigInt(argument); at > 0; at--, left >>= 8n) out[at] = Number(left & 255n);
  return out;
}

// Keys sort by the length of their encoding, then by its bytes.
function byKey(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return one.length - other.length;
  const at = one.findIndex((byte, at) => byte !== other[at]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

export function encode(value: Cbor): Bytes {
  if (typeof value === "number" || typeof value === "bigint") return head(0, value);
  if (typeof value === "boolean") return head(7, value ? 21 : 20);
  if (value === null) return head(7, 22);
  if (typeof value === "string") {
    const text = utf8(value);
    return concat(head(3, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (value instanceof Map) {
    const members = [...(value as ReadonlyMap<string, Cbor>)].map(([key, member]) => [encode(key), encode(member)] as const);
    members.sort(([one], [other]) => byKey(one, other));
    return concat(head(5, members.length), ...members.flat());
  }
  const items = value as readonly Cbor[];
  return concat(head(4, items.length), ...items.map(encode));
}

/** Reads one value and nothing after it, or throws `NotCbor`. */
export function decode(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const value = reader.value(DEPTH_MAX);
  if (reader.at !== bytes.length) throw new NotCbor("bytes follow the value");
  return value;
}

class Reader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  private take(count: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + count);
    if (taken.length !== count) throw new NotCbor("it ends too early");
    this.at += count;
    return taken;
  }

  private head(): readonly [number, bigint] {
    const [first = 0] = this.take(1);
    const [major, code] = [first >> 5, first & 31];
    if (code < 24) return [major, BigInt(code)];
    // 28 to 30 are reserved, 31 is an indefinite length; floats and long simple values are not ours.
    if (code > 27 || major === 7) throw new NotCbor("a form that is not used here");
    const width = 1 << (code - 24);
    const argument = this.take(width).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (argument < least) throw new NotCbor("a number is longer than it need be");
    return [major, argument];
  }

  // A count that the bytes left cannot hold is refused before anything is set aside for it.
  private count(argument: bigint): number {
    if (argument > BigInt(this.bytes.length - this.at)) throw new NotCbor("it ends too early");
    return Number(argument);
  }

  private text(argument: bigint): string {
    const text = fromUtf8(this.take(this.count(argument)));
    if (text === undefined) throw new NotCbor("text that is not UTF-8");
    return text;
  }

  value(depthLeft: number): Cbor {
    const [major, argument] = this.head();
    if (depthLeft === 0 && (major === 4 || major === 5)) throw new NotCbor("nested too deeply");
    switch (major) {
      case 0:
        return argument <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(argument) : argument;
      case 2:
        return this.take(this.count(argument)).slice();
      case 3:
        return this.text(argument);
      case 4:
        return Array.from({ length: this.count(argument) }, () => this.value(depthLeft - 1));
      case 5:
        return this.map(argument, depthLeft - 1);
      case 7:
        if (argument === 20n || argument === 21n) return argument === 21n;
        if (argument === 22n) return null;
    }
    throw new NotCbor("a type that is not used here");
  }

  private map(argument: bigint, depthLeft: number): ReadonlyMap<string, Cbor> {
    const members = new Map<string, Cbor>();
    let last: Bytes | undefined;
    for (let left = this.count(argument); left > 0; left--) {
      const [major, length] = this.head();
      if (major !== 3) throw new NotCbor("a key that is no text");
      const key = this.text(length);
      const encoded = encode(key);
      if (last !== undefined && byKey(last, encoded) >= 0) throw new NotCbor("keys out of order");
      last = encoded;
      members.set(key, this.value(depthLeft));
    }
    return members;
  }
}
