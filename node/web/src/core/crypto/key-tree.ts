// From the root key, which never leaves the person's devices, to the content secret of one
// version of one item, which is what is lent (domain/FORMAT.md, section 2).

import { type Bytes, lp, u32, utf8 } from "../bytes.ts";
import { expand, hkdf, hmac } from "./kdf.ts";

/** `K(path)`: one expansion a segment. */
const nodeKey = (root: Uint8Array, path: string): Uint8Array =>
  path.split(".").reduce((parent, segment) => expand(parent, lp("node", segment)), root);

/** `E(path, epoch)`: opens the versions of a leaf written in this epoch, and nothing else. */
export const epochSecret = (root: Uint8Array, path: string, epoch: number): Bytes =>
  expand(nodeKey(root, path), lp("epoch", u32(epoch)));

/** The item's name at the server. */
export const itemId = (root: Uint8Array, path: string): Bytes => hmac(expand(root, lp("index")), utf8(path));

/** `S`: the secret of the version with this salt. */
export const contentSecret = (epoch: Uint8Array, item: Uint8Array, salt: Uint8Array): Bytes =>
  expand(epoch, lp("content", item, salt));

/** The key of an object's chunks. */
export const aeadKey = (content: Uint8Array): Bytes => expand(content, lp("aead"));

/** The commitment in an object's header. */
export const commitment = (content: Uint8Array): Bytes => expand(content, lp("commit"));

/** The key under which a grant's item secrets are wrapped. */
export const grantKey = (root: Uint8Array, grant: string): Bytes => hkdf(root, lp("grant", grant));
