// Shapes of JSON: one description gives the TypeScript type and the check at run time. A test
// holds those of the API against the node's own description.

import { type Bytes, fromBase64url } from "./bytes.ts";
import { type Kind, isId, isPath, parseTime } from "./id.ts";

/** A value that has not the shape wanted: `place` says where. */
export class Misshapen extends Error {
  constructor(readonly place: string) {
    super(`${place || "it"} has not the shape that it must have`);
  }
}

/** Reads a value of a shape, or throws `Misshapen`. */
export interface Shape<T> {
  (value: unknown, place?: string): T;
}

/** A member that may be missing. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}

type Members = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>;
type Read<M> = M extends Optional<infer T> ? T | undefined : M extends Shape<infer T> ? T : never;
type Struct<M extends Members> = { readonly [K in keyof M]: Read<M[K]> };

/** A shape of an object, with its members to be looked at. */
export interface StructShape<T> extends Shape<T> {
  readonly members: Members;
}

/** What a shape reads. */
export type Infer<S> = S extends Shape<infer T> ? T : never;

const demand = <T>(found: T | undefined | false, place: string): T => {
  if (found === undefined || found === false) throw new Misshapen(place);
  return found;
};

export const text: Shape<string> = (value, place = "") => demand(typeof value === "string" && value, place);

/** A number from 0 up that is exact in JavaScript. */
export const count: Shape<number> = (value, place = "") => {
  const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  if (!isCount) throw new Misshapen(place);
  return value;
};

export const flag: Shape<boolean> = (value, place = "") => {
  if (typeof value !== "boolean") throw new Misshapen(place);
  return value;
};

/** RFC 3339, as milliseconds. */
export const time: Shape<number> = (value, place = "") => demand(parseTime(text(value, place)), place);

/** base64url, of a length if one is given. */
export const bytes = (length?: number): Shape<Bytes> => (value, place = "") =>
  demand(fromBase64url(text(value, place), length), place);

/** SHA-256 in base64url, as text. */
export const digest: Shape<string> = (value, place = "") => {
  bytes(32)(value, place);
  return value as string;
};

export const id = (kind: Kind): Shape<string> => (value, place = "") => {
  const found = text(value, place);
  if (!isId(kind, found)) throw new Misshapen(place);
  return found;
};

export const path: Shape<string> = (value, place = "") => {
  const found = text(value, place);
  if (!isPath(found)) throw new Misshapen(place);
  return found;
};

export const oneOf = <const T extends string>(...words: readonly T[]): Shape<T> => (value, place = "") =>
  demand(words.find((word) => word === value), place);

export const list = <T>(of: Shape<T>): Shape<readonly T[]> => (value, place = "") => {
  if (!Array.isArray(value)) throw new Misshapen(place);
  return value.map((item, at) => of(item, `${place}[${at}]`));
};

/** A word, or what a shape of objects reads. */
export const either = <A extends string, B>(word: Shape<A>, other: Shape<B>): Shape<A | B> => (value, place) =>
  typeof value === "string" ? word(value, place) : other(value, place);

/** An object whose members are all of one shape. */
export const dictionary = <T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> => (value, place = "") => {
  const found = object(value, place);
  return Object.fromEntries(Object.entries(found).map(([name, member]) => [name, of(member, `${place}.${name}`)]));
};

/** A member that may be missing, or `null`, which says the same. */
export const optional = <T>(of: Shape<T>): Optional<T> => ({ optional: of });

/** An object with these members. Others are passed over: a newer node may say more. */
export function struct<const M extends Members>(members: M): StructShape<Struct<M>> {
  return readStruct(members, false);
}

/** Likewise, for what is signed: members that are not known are refused. */
export function closed<const M extends Members>(members: M): StructShape<Struct<M>> {
  return readStruct(members, true);
}

/** An object with exactly one member, whose name says what it is: `{"consent": {…}}`. */
export function variant<const M extends Readonly<Record<string, Shape<unknown>>>>(
  members: M,
): Shape<{ readonly [K in keyof M]: { readonly kind: K; readonly value: Infer<M[K]> } }[keyof M]> {
  return (value, place = "") => {
    const [name, ...more] = Object.keys(object(value, place));
    const of = name === undefined || more.length > 0 || !Object.hasOwn(members, name) ? undefined : members[name];
    const read = demand(of, place);
    return { kind: name as keyof M, value: read((value as Record<string, unknown>)[name as string], `${place}.${name}`) as Infer<M[keyof M]> };
  };
}

function object(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Misshapen(place);
  return value as Record<string, unknown>;
}

function readStruct<M extends Members>(members: M, isClosed: boolean): StructShape<Struct<M>> {
  const read = (value: unknown, place = "") => {
    const found = object(value, place);
    const stranger = Object.keys(found).find((name) => !Object.hasOwn(members, name));
    if (isClosed && stranger !== undefined) throw new Misshapen(`${place}.${stranger}`);
    const entries = Object.entries(members).map(([name, of]) => {
      const member = Object.hasOwn(found, name) ? found[name] : undefined;
      if (typeof of === "function") return [name, of(member, `${place}.${name}`)];
      return [name, member === undefined || member === null ? undefined : of.optional(member, `${place}.${name}`)];
    });
    return Object.fromEntries(entries) as Struct<M>;
  };
  return Object.assign(read, { members });
}
