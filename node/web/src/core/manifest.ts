// The manifest's root: a sixteen-way radix tree over item ids in one canonical form, so that
// the same items have the same root whatever the order in which they came. A leaf stands as
// high as it can, and the root is always an inner node (domain/src/manifest/node.rs).

import { type Bytes, concat } from "./bytes.ts";
import { encode } from "./cbor.ts";
import { sha256 } from "./crypto/kdf.ts";

const [LEAF, INNER] = [Uint8Array.of(0), Uint8Array.of(1)];

/** An item's current version, as the manifest has it. */
export interface Leaf {
  readonly item: Bytes;
  readonly version: number;
  readonly epoch: number;
  readonly object: Bytes;
  readonly digest: Bytes;
  readonly size: number;
  readonly salt: Bytes;
  /** When it was deleted, if it was. */
  readonly tombstone: number | undefined;
}

interface Child {
  readonly hash: Bytes;
  readonly isLeaf: boolean;
}

const nibble = (item: Uint8Array, depth: number): number => {
  const byte = item[depth >> 1] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
};

const leafOf = (leaf: Leaf): Child => {
  const { item, version, epoch, object, digest, size, salt, tombstone } = leaf;
  const fields = encode([item, version, epoch, object, digest, size, salt, tombstone ?? null]);
  return { hash: sha256(LEAF, fields), isLeaf: true };
};

function innerOf(children: readonly (Child | undefined)[]): Child {
  let [present, leaves] = [0, 0];
  for (const [number, child] of children.entries()) {
    if (child === undefined) continue;
    present |= 1 << number;
    if (child.isLeaf) leaves |= 1 << number;
  }
  const hashes = children.flatMap((child) => (child === undefined ? [] : [child.hash]));
  return { hash: sha256(concat(INNER, encode([present, leaves, ...hashes]))), isLeaf: false };
}

function subtree(leaves: readonly Leaf[], depth: number): Child | undefined {
  const [only, ...more] = leaves;
  if (only === undefined) return undefined;
  if (more.length === 0) return leafOf(only);
  return inner(leaves, depth);
}

function inner(leaves: readonly Leaf[], depth: number): Child {
  if (depth >= 64) throw new Error("two leaves of one item");
  const groups = Array.from({ length: 16 }, (): Leaf[] => []);
  for (const leaf of leaves) groups[nibble(leaf.item, depth)]?.push(leaf);
  return innerOf(groups.map((group) => subtree(group, depth + 1)));
}

/** The root of a manifest with exactly these items. */
export const rootOf = (leaves: readonly Leaf[]): Bytes => inner(leaves, 0).hash;
