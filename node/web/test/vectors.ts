// The vector files that the Rust side makes and checks: read as they are.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../src/core/bytes.ts";

/** One case; a member of another type than wanted fails the test. */
export class Case {
  constructor(private readonly members: Readonly<Record<string, unknown>>) {}

  has(name: string): boolean {
    return name in this.members;
  }

  text(name: string): string {
    const value = this.members[name];
    if (typeof value !== "string") throw new Error(`${name} is no text`);
    return value;
  }

  number(name: string): number {
    const value = this.members[name];
    if (typeof value !== "number") throw new Error(`${name} is no number`);
    return value;
  }

  bytes(name: string): Bytes {
    return unhex(this.text(name));
  }

  list(name: string): readonly unknown[] {
    const value = this.members[name];
    if (!Array.isArray(value)) throw new Error(`${name} is no list`);
    return value;
  }

  inner(name: string): Case {
    return new Case(this.members[name] as Record<string, unknown>);
  }
}

/** The cases of a file; there is at least one. */
export function vectors(name: string): Case[] {
  // Tests run from the folder of the pages.
  const file = JSON.parse(readFileSync(join("..", "..", "domain", "vectors", `${name}.json`), "utf8")) as { cases: Record<string, unknown>[] };
  if (file.cases.length === 0) throw new Error(`${name}.json holds no cases`);
  return file.cases.map((members) => new Case(members));
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error("no lower-case hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** The bytes with one bit turned over. */
export function flipped(bytes: Uint8Array, bit: number): Bytes {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return out;
}
