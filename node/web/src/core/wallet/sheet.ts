// The recovery sheet of a vault that is open: shown until it was tried, tried against what the
// node keeps, renewed.

import { VaultRecovery } from "../api.ts";
import { base64url, equal, random } from "../bytes.ts";
import { sameKey } from "../crypto/keys.ts";
import { get, post } from "../http.ts";
import { BadInput, Unreachable } from "../problem.ts";
import type { Device } from "./device.ts";
import type { RecoverySheet } from "./shapes.ts";
import { withOpened, wrapAtRest } from "./state.ts";

const loadSheet = async () => (await import("./recovery.ts")).Sheet;

/** The sheet to write down or print, as long as it was not tried. */
export async function showSheet({ identity }: Device): Promise<RecoverySheet> {
  const { sheet, wrapping, cluster } = identity;
  if (sheet === undefined) throw new BadInput("unknown", "the sheet is on paper alone");
  const Sheet = await loadSheet();
  return withOpened(wrapping, sheet, (bytes) => Sheet.ofBytes(cluster.region, bytes).toPaper(cluster.walletOrigin));
}

/** Tries a sheet: it must open the root key as the node keeps it. */
export async function trySheet(device: Device, text: string): Promise<Device> {
  const { identity } = device;
  const tried = (await loadSheet()).read(identity.cluster.region, text);
  const other = new BadInput("other_sheet", "that is another sheet than this vault's");
  if (tried.vault !== identity.vault) throw other;
  const { key, wrap } = await device.read(VaultRecovery, get("/v1/vault/recovery"));
  const opened = tried.unwrapRoot(wrap);
  if (opened === undefined || !sameKey(tried.publicKey(), key)) throw other;
  const isOurs = await device.withRoot((root) => equal(root, opened));
  opened.fill(0);
  if (!isOurs) throw other;
  return device.become({ sheet: undefined });
}

/** Makes another sheet; the one before is of no use from then on. Needs the person. */
export async function renewSheet(device: Device): Promise<Device> {
  const { identity } = device;
  const sheet = (await loadSheet()).make(identity.vault, random(16));
  const wrap = await device.withRoot((root) => base64url(sheet.wrapRoot(root)));
  const command = await device.command({ renew_recovery: { key: sheet.publicKey(), wrap } });
  // Kept first: a sheet that the node has and nobody can show would be lost to the person.
  const renewed = await device.become({ sheet: await wrapAtRest(identity.wrapping, sheet.toBytes()) });
  try {
    await device.send(post("/v1/vault/recovery", command));
  } catch (error) {
    // After a lost answer the node may have it. Trying the new sheet will tell.
    if (!(error instanceof Unreachable)) await device.become({});
    throw error;
  }
  return renewed;
}
