// The cluster as this wallet knows it. The root is pinned when the wallet is made; from then on
// a region's key is believed only if that root signed it, so that a node can neither slip in a
// key of its own nor become another cluster.

import { Cluster } from "./api.ts";
import { type P256Jwk, p256, sameKey } from "./crypto/keys.ts";
import { type Node, get } from "./http.ts";
import { Jws, NotSigned } from "./jws.ts";
import { type Distrust, Untrusted } from "./problem.ts";
import { Misshapen, type Shape, list, struct, text, time } from "./shape.ts";

/** A cluster whose root is pinned. */
export interface PinnedCluster {
  /** The OAuth issuer: the cluster's name. */
  readonly issuer: string;
  /** Where links for wallets point. */
  readonly walletOrigin: string;
  /** The WebAuthn relying party id. */
  readonly rpId: string;
  /** The region in which things are made. */
  readonly region: string;
  readonly root: P256Jwk;
}

// Keys of other purposes may be of other kinds.
const KeysDocument = struct({
  keys: list(struct({ purpose: text, kid: text, alg: text, created: time, jwk: (value: unknown) => value })),
});

export const fetchCluster = (node: Node): Promise<Cluster> => node.read(Cluster, get("/.well-known/symbolon"));

/** Pins the root that the node shows: once, when a wallet is made. */
export async function pin(cluster: Cluster): Promise<PinnedCluster> {
  const { issuer, wallet_origin: walletOrigin, rp_id: rpId, region, root } = cluster;
  const pinned = { issuer, walletOrigin, rpId, region, root };
  await certified(pinned, cluster);
  return pinned;
}

async function certified(pinned: PinnedCluster, cluster: Cluster) {
  if (!sameKey(cluster.root, pinned.root)) throw new Untrusted("root_changed");
  return trusting("keys_uncertified", () => Jws.parse(cluster.keys, "symbolon-keys+jwt").verify(pinned.root, KeysDocument));
}

/** Verifies a document that a session key of the region signed. */
export async function verifyStatement<T>(pinned: PinnedCluster, cluster: Cluster, document: string, shape: Shape<T>): Promise<{ readonly statement: T; readonly payload: Uint8Array<ArrayBuffer> }> {
  const { keys } = await certified(pinned, cluster);
  return trusting("statement_signature", async () => {
    const jws = Jws.parse(document, "symbolon-session+jwt");
    const entry = keys.find(({ purpose, kid }) => purpose === "session-statement" && kid === jws.kid);
    if (entry === undefined) throw new NotSigned(`the key ${jws.kid} is not certified`);
    return { statement: await jws.verify(p256(entry.jwk), shape), payload: jws.payload };
  });
}

/** What is wrong with a document is a reason not to believe what was shown. */
export async function trusting<T>(reason: Distrust, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotSigned || error instanceof Misshapen) throw new Untrusted(reason, error.message);
    throw error;
  }
}
