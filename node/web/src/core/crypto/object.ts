// Objects: a header of 76 bytes, then chunks (domain/FORMAT.md, section 4).

import { type Bytes, concat, equal, lp, u32 } from "../bytes.ts";
import { TAG_BYTES, open as openChunk, seal as sealChunk } from "./aead.ts";
import { aeadKey, commitment } from "./key-tree.ts";

export const HEADER_BYTES = 76;
export const CHUNK_BYTES = 65_536;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
/** `SYMB`, version 1, suite 1, chunks of 2^16 bytes, 0. */
const START = Uint8Array.of(0x53, 0x59, 0x4d, 0x42, 1, 1, 16, 0);

/** Bytes that are no object of this secret and name. */
export class NotOpened extends Error {}

/** What a reader needs before the first chunk. */
export interface Header {
  readonly epoch: number;
  readonly salt: Bytes;
  readonly commitment: Bytes;
}

export function readHeader(object: Uint8Array): Header {
  if (object.length < HEADER_BYTES || !equal(object.subarray(0, 8), START)) throw new NotOpened("not an object");
  const epoch = new DataView(object.buffer, object.byteOffset + 8, 4).getUint32(0);
  return { epoch, salt: object.slice(12, 44), commitment: object.slice(44, HEADER_BYTES) };
}

// 11 bytes of the chunk's number, one that says whether it is the last.
function nonce(index: number, isLast: boolean): Bytes {
  const out = new Uint8Array(12);
  new DataView(out.buffer).setBigUint64(3, BigInt(index));
  out[11] = isLast ? 1 : 0;
  return out;
}

/** Seals a text under a content secret; the salt is used for this object alone. */
export function seal(secret: Uint8Array, objectId: Uint8Array, epoch: number, salt: Uint8Array, text: Uint8Array): Bytes {
  const header = concat(START, u32(epoch), salt, commitment(secret));
  const [key, ad] = [aeadKey(secret), lp("object", objectId, header)];
  const chunks = Math.max(1, Math.ceil(text.length / CHUNK_BYTES));
  const sealed = Array.from({ length: chunks }, (_, index) => {
    const chunk = text.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    return sealChunk(key, nonce(index, index + 1 === chunks), ad, chunk);
  });
  return concat(header, ...sealed);
}

/** Opens an object whole, or throws `NotOpened`: nothing of a text is used before its tag was checked. */
export function open(secret: Uint8Array, objectId: Uint8Array, object: Uint8Array): Bytes {
  const header = readHeader(object);
  const chunks = chunksOf(object.length);
  // Another key is told before anything is decrypted.
  if (!equal(commitment(secret), header.commitment)) throw new NotOpened("sealed under another key");
  const [key, ad] = [aeadKey(secret), lp("object", objectId, object.subarray(0, HEADER_BYTES))];
  const texts = Array.from({ length: chunks }, (_, index) => {
    const start = HEADER_BYTES + index * SEALED_CHUNK_BYTES;
    const sealed = object.subarray(start, start + SEALED_CHUNK_BYTES);
    const text = openChunk(key, nonce(index, index + 1 === chunks), ad, sealed);
    if (text === undefined) throw new NotOpened(`chunk ${index} was changed`);
    return text;
  });
  return concat(...texts);
}

// Every length of text has one length of object: a last chunk is empty only if the text is.
function chunksOf(length: number): number {
  const body = length - HEADER_BYTES;
  const [full, rest] = [Math.floor(body / SEALED_CHUNK_BYTES), body % SEALED_CHUNK_BYTES];
  if (full > 0 && rest === 0) return full;
  if (rest > TAG_BYTES || (full === 0 && rest === TAG_BYTES)) return full + 1;
  throw new NotOpened("of a length that no object has");
}
