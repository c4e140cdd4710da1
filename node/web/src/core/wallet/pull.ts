// What other devices have stored: the signed manifest is compared with what was believed
// before, and the items with the root that was signed.

import { ItemEntry, ManifestView } from "../api.ts";
import { base64url, fromUtf8 } from "../bytes.ts";
import { itemId } from "../crypto/key-tree.ts";
import { trusting } from "../cluster.ts";
import { get } from "../http.ts";
import { Jws } from "../jws.ts";
import { Untrusted } from "../problem.ts";
import { closed, count, digest, id, time } from "../shape.ts";
import type { Device } from "./device.ts";
import { INDEX, manifest, rootOfEntries } from "./manifest.ts";
import { openEntry } from "./objects.ts";
import { type KnownItem, keep } from "./state.ts";

const ManifestCommit = closed({
  subject: id("vlt"), epoch: count, previous: digest, root: digest, device: id("dev"), time,
});

/**
 * Brings the wallet up to date. Refuses a manifest that goes back, forks, is signed by nobody,
 * or does not have the root that it claims. The caller keeps others from doing so meanwhile.
 */
export async function pull(device: Device): Promise<void> {
  const known = await manifest();
  const view = await device.read(ManifestView, get("/v1/vault/manifest"));
  if (view.epoch < known.epoch) throw new Untrusted("manifest_older");
  if (view.epoch === known.epoch) {
    if (view.root !== known.root) throw new Untrusted("manifest_forked");
    return;
  }
  await checkCommit(device, view);
  const entries = await device.all(ItemEntry, "/v1/vault/items");
  if (rootOfEntries(entries) !== view.root) throw new Untrusted("manifest_items");
  // Deleting leaves tombstones, so everything gone at once is no deletion.
  const wasEmptied = entries.length === 0 && Object.keys(known.items).length > 0;
  if (wasEmptied) throw new Untrusted("manifest_items", "the vault was emptied at once");
  const items = await withEntries(device, known.items, entries);
  await keep({ manifest: { epoch: view.epoch, root: view.root, items } });
}

// The commit says what the view says, and if it is this device's, it signed it.
async function checkCommit(device: Device, view: ManifestView): Promise<void> {
  const { vault, device: self } = device.identity;
  await trusting("manifest_unsigned", async () => {
    const jws = Jws.parse(view.commit ?? "", "symbolon-manifest+jwt");
    const claimed = jws.claimed(ManifestCommit);
    const fits = claimed.subject === vault && claimed.epoch === view.epoch && claimed.root === view.root;
    if (!fits) throw new Untrusted("manifest_unsigned", "the signed commit is of another manifest");
    if (claimed.device === self) await jws.verify(device.holder.jwk, ManifestCommit);
  });
}

async function withEntries(device: Device, known: Readonly<Record<string, KnownItem>>, entries: readonly ItemEntry[]): Promise<Record<string, KnownItem>> {
  const byId = new Map(entries.map((entry) => [entry.item, entry]));
  const indexId = await device.withRoot((root) => base64url(itemId(root, INDEX)));
  const index = byId.get(indexId);
  const listed = index === undefined ? [] : await listedPaths(device, index);
  const paths = [...new Set([...Object.keys(known), ...listed, INDEX])];
  const ids = await device.withRoot((root) => new Map(paths.map((path) => [path, base64url(itemId(root, path))])));
  const now = Date.now();
  const items = paths.flatMap((path): [string, KnownItem][] => {
    const entry = byId.get(ids.get(path) ?? "");
    return entry === undefined ? [] : [[path, updated(known[path], entry, now)]];
  });
  return Object.fromEntries(items);
}

function updated(before: KnownItem | undefined, entry: ItemEntry, now: number): KnownItem {
  const history = before?.history ?? [];
  const isNew = before?.entry.version !== entry.version;
  return {
    entry,
    nextEpoch: Math.max(before?.nextEpoch ?? 0, entry.epoch),
    created: before?.created,
    history: isNew ? [...history, { at: now, entry }] : history,
  };
}

async function listedPaths(device: Device, index: ItemEntry): Promise<readonly string[]> {
  const { value } = await openEntry(device, INDEX, index);
  try {
    const listed: unknown = JSON.parse(fromUtf8(value) ?? "");
    if (Array.isArray(listed)) return listed.map(String);
  } catch {
    // Falls through: whatever it is, it is no list.
  }
  throw new Untrusted("object", "the wallet's list of paths is damaged");
}
