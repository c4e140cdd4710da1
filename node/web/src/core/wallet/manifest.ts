// The manifest as this device last believed it, and its form on the wire.

import type { ItemEntry } from "../api.ts";
import { base64url, fromBase64url } from "../bytes.ts";
import { formatTime } from "../id.ts";
import { rootOf } from "../manifest.ts";
import { BadInput } from "../problem.ts";
import { type KnownItem, type Manifest, emptyManifest, recall } from "./state.ts";

/** Where the wallet keeps the list of its paths: other devices cannot know them else. */
export const INDEX = "symbolon.paths";

export const manifest = async (): Promise<Manifest> => (await recall("manifest")) ?? emptyManifest();

/** The items without the wallet's own and the deleted, by path. */
export function liveItems({ items }: Manifest): [string, KnownItem][] {
  return Object.entries(items)
    .filter(([path, { entry }]) => path !== INDEX && entry.tombstone === undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** What is known of an item, deleted ones included; `BadInput` `unknown` for another path. */
export function knownItem({ items }: Manifest, path: string): KnownItem {
  const known = Object.hasOwn(items, path) ? items[path] : undefined;
  if (known === undefined) throw new BadInput("unknown", `there is no item ${path}`);
  return known;
}

/** What is known of an item that is there. */
export function liveItem(manifest: Manifest, path: string): KnownItem {
  const known = knownItem(manifest, path);
  if (known.entry.tombstone !== undefined) throw new BadInput("unknown", `the item ${path} was deleted`);
  return known;
}

/** The root of a manifest with exactly these items. */
export function rootOfEntries(entries: readonly ItemEntry[]): string {
  const bytes = (text: string) => fromBase64url(text, 32) ?? new Uint8Array(32);
  return base64url(rootOf(entries.map((entry) => ({ ...entry, item: bytes(entry.item), digest: bytes(entry.digest) }))));
}

/** An entry as the node reads it. */
export const entryJson = (entry: ItemEntry): object => ({
  ...entry,
  object: base64url(entry.object),
  salt: base64url(entry.salt),
  tombstone: entry.tombstone === undefined ? undefined : formatTime(entry.tombstone),
});
