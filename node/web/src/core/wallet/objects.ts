// Objects: ciphertext, kept here and at the node, opened with the root key.

import type { ItemEntry } from "../api.ts";
import { type Bytes, base64, base64url, fromBase64url } from "../bytes.ts";
import { open as openItem } from "../crypto/item.ts";
import { contentSecret, epochSecret } from "../crypto/key-tree.ts";
import { digestOf, sha256 } from "../crypto/kdf.ts";
import { NotOpened, readHeader } from "../crypto/object.ts";
import * as database from "../database.ts";
import { get } from "../http.ts";
import { Untrusted } from "../problem.ts";
import type { Device } from "./device.ts";
import type { StoredItem } from "./shapes.ts";

/** Objects that travel at a time. */
const AT_ONCE = 4;

const objectPath = (entry: ItemEntry): string => `/v1/vault/objects/${base64url(entry.object)}`;

/** Stores ciphertext at the node, which no manifest names yet. */
export async function upload(device: Device, entry: ItemEntry, object: Bytes): Promise<void> {
  const digest = `sha-256=:${base64(sha256(object))}:`;
  await device.send({
    method: "PUT",
    path: objectPath(entry),
    headers: { "content-type": "application/octet-stream", "content-digest": digest },
    body: object,
  });
}

/** Fetches, if need be, and opens what an entry names. */
export async function openEntry(device: Device, path: string, entry: ItemEntry): Promise<StoredItem> {
  const object = await objectOf(device, path, entry);
  return device.withRoot((root) => {
    try {
      const { epoch, salt } = readHeader(object);
      const secret = contentSecret(epochSecret(root, path, epoch), fromBase64url(entry.item) ?? new Uint8Array(), salt);
      const { metadata, value } = openItem(secret, entry.object, path, object);
      return { ...metadata, version: entry.version, value };
    } catch (error) {
      if (error instanceof NotOpened) throw new Untrusted("object", `${path}: ${error.message}`);
      throw error;
    }
  });
}

async function objectOf(device: Device, path: string, entry: ItemEntry): Promise<Bytes> {
  const id = base64url(entry.object);
  const kept = await database.read<Bytes>("objects", id);
  if (kept !== undefined && digestOf(kept) === entry.digest) return kept;
  const object = await device.node.bytes(get(objectPath(entry)), device.holder);
  if (digestOf(object) !== entry.digest) throw new Untrusted("object", `the object of ${path} was changed`);
  await keepHere([[id, object]]);
  return object;
}

/** Keeps ciphertext here, so that it opens without network. Where there is no room, it does not. */
export async function keepHere(objects: readonly (readonly [string, Bytes])[]): Promise<void> {
  try {
    await database.write("objects", Object.fromEntries(objects));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "QuotaExceededError")) throw error;
  }
}

/** A few at a time: the node holds a phone to a number of requests. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
