// How this device comes into a vault: it makes one, or the recovery sheet lets it in. Keys and
// request are kept before the node hears of them, so that a lost answer loses nothing: the same
// request is sent again.

import { type CreateAccount, DeviceCredential, type JoinVault, VaultRecovery } from "../api.ts";
import { base64url, random } from "../bytes.ts";
import { type PinnedCluster, fetchCluster, pin } from "../cluster.ts";
import { exclusively } from "../database.ts";
import { isLine } from "../document/texts.ts";
import { Node, get, post } from "../http.ts";
import { newId } from "../id.ts";
import { BadInput, Problem, Unreachable, Untrusted } from "../problem.ts";
import { Device, demandOwnPage, newDevice, signCommand } from "./device.ts";
import type { Sheet } from "./recovery.ts";
import { type Admission, type Identity, emptyManifest, keep, recall, wrapAtRest } from "./state.ts";

const loadSheet = async () => (await import("./recovery.ts")).Sheet;

/** The device of this browser, if it was let in. */
export async function openDevice(): Promise<Device | undefined> {
  const identity = await recall("identity");
  return identity?.token === undefined || identity.root === undefined ? undefined : Device.of(identity);
}

/** Makes a vault with this device as its first. */
export const enrol = (name: string): Promise<Device> =>
  exclusively("admission", async () => {
    const cluster = await ownCluster(name);
    const pending = await again("/v1/accounts");
    if (pending !== undefined) return pending;
    const [vault, device] = [newId("vlt", cluster.region), newId("dev", cluster.region)];
    const made = await newDevice(cluster.rpId, vault, device, name);
    const [root, sheet] = [random(32), (await loadSheet()).make(vault, random(16))];
    const recovery = { key: sheet.publicKey(), wrap: base64url(sheet.wrapRoot(root)) };
    const account: Sent<typeof CreateAccount> = { vault, device, registration: made.registration, recovery };
    const identity: Identity = {
      ...made, cluster, vault, device, name, token: undefined,
      root: await wrapAtRest(made.wrapping, root),
      sheet: await wrapAtRest(made.wrapping, sheet.toBytes()),
      admission: admissionOf("/v1/accounts", account),
    };
    root.fill(0);
    return letIn(identity);
  });

/** Lets this device into the vault of a recovery sheet. */
export const recover = (text: string, name: string): Promise<Device> =>
  exclusively("admission", async () => {
    const cluster = await ownCluster(name);
    const sheet = (await loadSheet()).read(cluster.region, text);
    const device = (await again("/v1/devices", sheet.vault)) ?? (await letIn(await recovering(cluster, sheet, name)));
    const { wrap } = await device.read(VaultRecovery, get("/v1/vault/recovery"));
    const root = sheet.unwrapRoot(wrap);
    if (root === undefined) throw new Untrusted("answer", "the node keeps another wrap than the sheet's");
    const wrapped = await wrapAtRest(device.identity.wrapping, root);
    root.fill(0);
    return device.become({ root: wrapped });
  });

async function recovering(cluster: PinnedCluster, sheet: Sheet, name: string): Promise<Identity> {
  const [vault, device] = [sheet.vault, newId("dev", cluster.region)];
  const made = await newDevice(cluster.rpId, vault, device, name);
  const { signing_key, hpke_key } = made.registration;
  const action = { recover: { device, name, signing_key, hpke_key } };
  const command = await signCommand(sheet.signer, cluster.issuer, vault, device, action);
  const joining: Sent<typeof JoinVault> = { vault, device, registration: made.registration, approval: { command } };
  return {
    ...made, cluster, vault, device, name, token: undefined, root: undefined, sheet: undefined,
    admission: admissionOf("/v1/devices", joining),
  };
}

// A body in JSON: its members as the API names them.
type Sent<S extends { readonly members: object }> = { readonly [K in keyof S["members"]]: unknown };

const admissionOf = (path: Admission["path"], body: unknown): Admission =>
  ({ path, body: JSON.stringify(body), key: base64url(random(16)) });

// The cluster of this page; nothing is asked of the person before all else is right.
async function ownCluster(name: string): Promise<PinnedCluster> {
  if ((await openDevice()) !== undefined) throw new BadInput("exists");
  if (!isLine(name, 80)) throw new BadInput("name");
  const cluster = await pin(await fetchCluster(new Node(location.origin)));
  demandOwnPage(cluster.walletOrigin);
  return cluster;
}

// A request whose answer was lost. What it asked for was done, or it is done now, or its
// minute is over: then nobody has what it gave, and another is made.
async function again(path: Admission["path"], vault?: string): Promise<Device | undefined> {
  const identity = await recall("identity");
  if (identity?.admission.path !== path || (vault !== undefined && identity.vault !== vault)) return undefined;
  try {
    return identity.token === undefined ? await letIn(identity) : await Device.of(identity);
  } catch (error) {
    if (error instanceof Problem && error.locus === "client") return undefined;
    throw error;
  }
}

async function letIn(identity: Identity): Promise<Device> {
  await keep({ identity, manifest: emptyManifest(), sessions: {}, memories: {}, grants: undefined });
  const { path, body, key } = identity.admission;
  const device = await Device.of(identity);
  const asked = { ...post(path), body, headers: { "content-type": "application/json", "idempotency-key": key } };
  const given = await device.read(DeviceCredential, asked).catch((error: unknown) => {
    // The same bytes under the same key are the same request.
    if (error instanceof Unreachable) return device.read(DeviceCredential, asked);
    throw error;
  });
  if (given.vault !== identity.vault || given.device !== identity.device) {
    throw new Untrusted("answer", "a credential of another device");
  }
  return device.become({ token: given.token });
}
