// Storing and deleting items: objects first, then one commit that names them, signed here.

import type { CommitManifest, ItemEntry } from "../api.ts";
import { base64url, random, utf8 } from "../bytes.ts";
import { isMediaType, seal as sealItem } from "../crypto/item.ts";
import { contentSecret, epochSecret, itemId } from "../crypto/key-tree.ts";
import { digestOf } from "../crypto/kdf.ts";
import * as database from "../database.ts";
import { post } from "../http.ts";
import { formatTime, isPath } from "../id.ts";
import { BadInput, Problem, Unreachable } from "../problem.ts";
import type { Device } from "./device.ts";
import { INDEX, entryJson, liveItem, manifest, rootOfEntries } from "./manifest.ts";
import { each, keepHere, openEntry, upload } from "./objects.ts";
import { pull } from "./pull.ts";
import type { NewItem } from "./shapes.ts";
import { type KnownItem, type Manifest, keep } from "./state.ts";

/** Items of one commit, the list of paths included. */
const CHANGES_MAX = 256;
/** How often a commit is rebased on what another device committed meanwhile. */
const REBASES_MAX = 3;

/** Stores values: objects first, then one commit that names them. */
export async function put(device: Device, items: readonly NewItem[]): Promise<void> {
  for (const { path, mediaType } of items) {
    const isOurs = path.startsWith("symbolon.");
    if (!isPath(path) || isOurs) throw new BadInput("path", `${path} is no path of an item`);
    if (!isMediaType(mediaType)) throw new BadInput("media_type", `${mediaType} is no media type`);
  }
  if (items.length > CHANGES_MAX - 1) throw new BadInput("too_many");
  if (new Set(items.map((item) => item.path)).size < items.length) throw new BadInput("path", "a path twice");
  if (items.length > 0) await rebasing(device, (known) => store(device, known, withIndex(known, items)));
}

/** Deletes items: each gets a version that is a tombstone. */
export async function remove(device: Device, paths: readonly string[]): Promise<void> {
  if (paths.length > CHANGES_MAX) throw new BadInput("too_many");
  await rebasing(device, async (known) => {
    const now = Date.now();
    const changed = new Map(paths.map((path) => {
      const { entry } = liveItem(known, path);
      return [path, { ...entry, version: entry.version + 1, tombstone: now }];
    }));
    if (changed.size > 0) await commit(device, known, changed, new Map(), now);
  });
}

// One tab at a time; what another device has committed meanwhile is taken over first.
function rebasing(device: Device, change: (known: Manifest) => Promise<void>): Promise<void> {
  return database.exclusively("manifest", async () => {
    for (let left = REBASES_MAX; ; left--) {
      try {
        return await change(await manifest());
      } catch (error) {
        const isBehind = error instanceof Problem && error.code === "manifest_conflict";
        if (!isBehind || left === 0) throw error;
        await pull(device);
      }
    }
  });
}

// With the list of paths, where there are new ones.
function withIndex({ items }: Manifest, added: readonly NewItem[]): readonly NewItem[] {
  if (added.every(({ path }) => Object.hasOwn(items, path))) return added;
  const paths = [...Object.keys(items), ...added.map((item) => item.path)].filter((path) => path !== INDEX);
  const listed = [...new Set(paths)].toSorted();
  return [...added, { path: INDEX, mediaType: "application/json", value: utf8(JSON.stringify(listed)) }];
}

async function store(device: Device, known: Manifest, items: readonly NewItem[]): Promise<void> {
  const now = Date.now();
  const created = new Map<string, number>();
  for (const { path } of items) created.set(path, await createdAt(device, path, known.items[path], now));
  const sealed = await device.withRoot((root) =>
    items.map((item) => seal(root, item, known.items[item.path], created.get(item.path) ?? now, now)));
  await each(sealed, ({ entry, object }) => upload(device, entry, object));
  await keepHere(sealed.map(({ entry, object }) => [base64url(entry.object), object]));
  await commit(device, known, new Map(sealed.map(({ path, entry }) => [path, entry])), created, now);
}

// Another device stored it first: its own word for when is inside.
async function createdAt(device: Device, path: string, known: KnownItem | undefined, now: number): Promise<number> {
  if (known === undefined) return now;
  if (known.created !== undefined) return known.created;
  return known.entry.tombstone === undefined ? (await openEntry(device, path, known.entry)).created : now;
}

function seal(root: Uint8Array, { path, mediaType, value }: NewItem, known: KnownItem | undefined, created: number, now: number) {
  const [epoch, salt, objectId] = [known?.nextEpoch ?? 1, random(32), random(16)];
  const item = itemId(root, path);
  const secret = contentSecret(epochSecret(root, path, epoch), item, salt);
  const object = sealItem(secret, objectId, epoch, salt, { path, mediaType, created, modified: now }, value);
  const version = (known?.entry.version ?? 0) + 1;
  const entry: ItemEntry = {
    item: base64url(item), version, epoch, object: objectId, digest: digestOf(object), size: object.length, salt, tombstone: undefined,
  };
  return { path, entry, object };
}

async function commit(device: Device, known: Manifest, changed: ReadonlyMap<string, ItemEntry>, created: ReadonlyMap<string, number>, now: number): Promise<void> {
  const entries = new Map(Object.entries(known.items).map(([path, { entry }]) => [path, entry]));
  for (const [path, entry] of changed) entries.set(path, entry);
  const { vault: subject, device: signer } = device.identity;
  const head = { epoch: known.epoch + 1, root: rootOfEntries([...entries.values()]) };
  const payload = { subject, ...head, previous: known.root, device: signer, time: formatTime(now) };
  const body: { readonly [K in keyof typeof CommitManifest["members"]]: unknown } = {
    commit: await device.sign("symbolon-manifest+jwt", payload),
    items: [...changed.values()].map(entryJson),
  };
  const request = post("/v1/vault/manifest", body, { "if-match": `"${known.root}"` });
  await device.send(request).catch((error: unknown) => {
    // The same commit again is the same commit.
    if (error instanceof Unreachable) return device.send(request);
    throw error;
  });
  const items = { ...known.items };
  for (const [path, entry] of changed) {
    const before = known.items[path];
    const history = [...(before?.history ?? []), { at: now, entry }];
    const nextEpoch = entry.tombstone === undefined ? entry.epoch : (before?.nextEpoch ?? entry.epoch);
    items[path] = { entry, nextEpoch, created: created.get(path) ?? before?.created, history };
  }
  await keep({ manifest: { ...head, items } });
}
