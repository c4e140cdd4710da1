// What is inside an item's object: metadata, then the value (domain/FORMAT.md, section 5).

import { type Bytes, concat, u32 } from "../bytes.ts";
import { type Cbor, NotCbor, decode, encode } from "../cbor.ts";
import { isPath } from "../id.ts";
import { NotOpened, open as openObject, seal as sealObject } from "./object.ts";

const METADATA_BYTES_MAX = 1_024;

/** What is known of an item's value. Times are milliseconds since 1970. */
export interface Metadata {
  readonly path: string;
  readonly mediaType: string;
  readonly created: number;
  readonly modified: number;
}

/** Type, slash, subtype, perhaps parameters; printable ASCII of at most 127 characters. */
export function isMediaType(text: string): boolean {
  return text.length <= 127 && /^[ -.0-~]+\/[ -~]+$/.test(text);
}

export function seal(
  secret: Uint8Array,
  objectId: Uint8Array,
  epoch: number,
  salt: Uint8Array,
  metadata: Metadata,
  value: Uint8Array,
): Bytes {
  const encoded = encode(new Map<string, Cbor>([
    ["path", metadata.path],
    ["created", metadata.created],
    ["modified", metadata.modified],
    ["media_type", metadata.mediaType],
  ]));
  return sealObject(secret, objectId, epoch, salt, concat(u32(encoded.length), encoded, value));
}

/** Opens an item and demands its path, or throws `NotOpened`. */
export function open(secret: Uint8Array, objectId: Uint8Array, path: string, object: Uint8Array): { readonly metadata: Metadata; readonly value: Bytes } {
  const text = openObject(secret, objectId, object);
  const length = text.length < 4 ? Infinity : new DataView(text.buffer, text.byteOffset).getUint32(0);
  if (length > METADATA_BYTES_MAX || 4 + length > text.length) throw new NotOpened("no item's metadata");
  const metadata = readMetadata(text.subarray(4, 4 + length));
  if (metadata.path !== path) throw new NotOpened("sound, but another item");
  return { metadata, value: text.slice(4 + length) };
}

function readMetadata(bytes: Uint8Array): Metadata {
  let map: Cbor;
  try {
    map = decode(bytes);
  } catch (error) {
    if (error instanceof NotCbor) throw new NotOpened(`no item's metadata: ${error.message}`);
    throw error;
  }
  const get = (name: string) => (map instanceof Map ? (map.get(name) as Cbor | undefined) : undefined);
  const [path, mediaType, created, modified] = ["path", "media_type", "created", "modified"].map(get);
  const isWhole = map instanceof Map && map.size === 4
    && typeof path === "string" && isPath(path)
    && typeof mediaType === "string" && isMediaType(mediaType)
    && typeof created === "number" && typeof modified === "number";
  if (!isWhole) throw new NotOpened("no item's metadata");
  return { path, mediaType, created, modified };
}
