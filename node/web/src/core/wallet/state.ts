// What a wallet keeps on this device, and how its root key is opened: only while it is used.

import { type Bytes, random } from "../bytes.ts";
import type { PinnedCluster } from "../cluster.ts";
import type { ItemEntry } from "../api.ts";
import { digestOf } from "../crypto/kdf.ts";
import { read, write } from "../database.ts";
import type { SessionStatement } from "../document/statement.ts";
import type { GrantView } from "../api.ts";
import type { OfferWords, SessionLink } from "./shapes.ts";

/** Bytes under the wrapping key, which cannot leave the browser. */
export interface Wrapped {
  readonly iv: Bytes;
  readonly sealed: Bytes;
}

/** Who this device is: written when it is made and when it was let in. */
export interface Identity {
  readonly cluster: PinnedCluster;
  readonly vault: string;
  readonly device: string;
  readonly name: string;
  readonly signing: CryptoKeyPair;
  readonly hpke: CryptoKeyPair;
  readonly wrapping: CryptoKey;
  /** The root key; none on a new phone that was not let in yet. */
  readonly root: Wrapped | undefined;
  readonly credentialId: Bytes;
  /** What was or will be sent to be let in: sent again after a lost answer. */
  readonly admission: Admission;
  /** None until the device was let in. */
  readonly token: string | undefined;
  /** The recovery sheet's 32 bytes, until the sheet was tried. */
  readonly sheet: Wrapped | undefined;
}

/** A request that lets this device in: the same bytes each time. */
export interface Admission {
  readonly path: "/v1/accounts" | "/v1/devices";
  readonly body: string;
  /** Its `Idempotency-Key`. */
  readonly key: string;
}

/** An item as this device knows it. */
export interface KnownItem {
  /** The current version, as the manifest has it. */
  readonly entry: ItemEntry;
  /** The key epoch of the next version: higher once a grant that covered the future has ended. */
  readonly nextEpoch: number;
  /** When the item was first stored; none where another device stored it and it was not opened yet. */
  readonly created: number | undefined;
  /** The versions known here, oldest first, the current one last. */
  readonly history: readonly Known[];
}

/** A version and when this device stored or first saw it. */
export interface Known {
  readonly at: number;
  readonly entry: ItemEntry;
}

/** The manifest as this device last believed it. */
export interface Manifest {
  readonly epoch: number;
  readonly root: string;
  readonly items: Readonly<Record<string, KnownItem>>;
}

/** A session whose statement was verified. */
export interface KeptSession {
  readonly link: SessionLink;
  readonly statement: SessionStatement;
  /** SHA-256 of its payload: what is sealed is bound to it. */
  readonly hash: Bytes;
}

/** What this device was shown when it approved: the node knows no names. */
export interface Memory {
  readonly institution: { readonly id: string; readonly name: string };
  readonly frontEnd: { readonly name: string; readonly place: string } | undefined;
  readonly words: OfferWords;
}

/** The records of the database and what is in each. */
export interface Records {
  readonly identity: Identity;
  readonly manifest: Manifest;
  readonly sessions: Readonly<Record<string, KeptSession>>;
  readonly memories: Readonly<Record<string, Memory>>;
  readonly grants: { readonly at: number; readonly views: readonly GrantView[] };
}

/** Reads a record. */
export const recall = <K extends keyof Records>(name: K): Promise<Records[K] | undefined> =>
  read<Records[K]>("records", `wallet-${name}`);

/** Writes records, all or none; on disk before it returns. */
export const keep = (records: { readonly [K in keyof Records]?: Records[K] | undefined }): Promise<void> =>
  write("records", Object.fromEntries(Object.entries(records).map(([name, value]) => [`wallet-${name}`, value])));

const EMPTY_ROOT_NODE = Uint8Array.of(1, 0x82, 0, 0);

/** The manifest before the first commit. */
export const emptyManifest = (): Manifest => ({ epoch: 0, root: digestOf(EMPTY_ROOT_NODE), items: {} });

/** Wraps bytes under the key that cannot leave the browser. */
export async function wrapAtRest(wrapping: CryptoKey, bytes: Bytes): Promise<Wrapped> {
  const iv = random(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, bytes);
  return { iv, sealed: new Uint8Array(sealed) };
}

/** Opens what was wrapped, lends it to `use`, and wipes it. */
export async function withOpened<T>(wrapping: CryptoKey, { iv, sealed }: Wrapped, use: (bytes: Bytes) => T | Promise<T>): Promise<T> {
  const opened = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, wrapping, sealed));
  try {
    return await use(opened);
  } finally {
    opened.fill(0);
  }
}
