// Items as a screen reads them: listed without network, opened one by one or all, in every
// version that is still somewhere.

import { base64url } from "../bytes.ts";
import * as database from "../database.ts";
import { BadInput, Unreachable } from "../problem.ts";
import type { Device } from "./device.ts";
import { knownItem, liveItem, liveItems, manifest } from "./manifest.ts";
import { each, openEntry } from "./objects.ts";
import type { ItemSummary, PastVersion, StoredItem } from "./shapes.ts";

export async function summaries(): Promise<ItemSummary[]> {
  const here = new Set(await database.keys("objects"));
  return liveItems(await manifest()).map(([path, { entry }]) => ({
    path, version: entry.version, size: entry.size, isHere: here.has(base64url(entry.object)),
  }));
}

/** Opens the current version. */
export async function openCurrent(device: Device, path: string): Promise<StoredItem> {
  return openEntry(device, path, liveItem(await manifest(), path).entry);
}

/** Opens all of at most this size: those that are here, the others too if there is network. */
export async function openAll(device: Device, bytesMax = Infinity): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  const wanted = liveItems(await manifest()).filter(([, { entry }]) => entry.size <= bytesMax);
  await each(wanted, async ([path, { entry }]) => {
    try {
      items.push(await openEntry(device, path, entry));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  });
  return items.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

export async function history(path: string): Promise<PastVersion[]> {
  const known = knownItem(await manifest(), path);
  const versions = known.history.map(({ at, entry: { version, size, tombstone } }) => ({
    version, at, size, isCurrent: version === known.entry.version, isDeletion: tombstone !== undefined,
  }));
  return versions.toReversed();
}

export async function openVersion(device: Device, path: string, version: number): Promise<StoredItem> {
  const known = knownItem(await manifest(), path).history.find(({ entry }) => entry.version === version);
  if (known === undefined || known.entry.tombstone !== undefined) {
    throw new BadInput("unknown", `there is no version ${version} of ${path}`);
  }
  return openEntry(device, path, known.entry);
}
