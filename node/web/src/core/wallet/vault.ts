// All of a vault at once: its devices, taking it along, erasing it.

import { DeviceView } from "../api.ts";
import { base64url, fromUtf8 } from "../bytes.ts";
import * as database from "../database.ts";
import { post } from "../http.ts";
import { formatTime } from "../id.ts";
import { Problem } from "../problem.ts";
import type { Device } from "./device.ts";
import { grants, records } from "./grants.ts";
import { openAll } from "./items.ts";
import type { DeviceInfo, StoredItem } from "./shapes.ts";

export async function devices(device: Device): Promise<DeviceInfo[]> {
  const views = await device.all(DeviceView, "/v1/devices");
  return views.map(({ id, name, revoked, created, admitted }) => ({
    id, name, revoked, created,
    admitted: typeof admitted === "string" ? admitted : admitted.kind,
    isThis: id === device.identity.device,
  }));
}

export async function revokeDevice(device: Device, id: string): Promise<void> {
  await device.send(post(`/v1/devices/${id}/revoke`, await device.command({ revoke_device: { device: id } })));
}

/** Everything as one JSON file: items opened, grants with their records, devices. */
export async function exportAll(device: Device): Promise<Blob> {
  const [items, lent, enrolled] = [await openAll(device), await grants(device), await devices(device)];
  const withRecords = [];
  for (const grant of lent) withRecords.push({ ...dated(grant), records: (await records(device, grant.id)).map(dated) });
  const { vault, cluster } = device.identity;
  const all = {
    format: "symbolon-vault-export",
    version: 1,
    issuer: cluster.issuer,
    vault,
    exported: formatTime(Date.now()),
    items: items.map((item) => ({ ...dated(item), ...readable(item) })),
    grants: withRecords,
    devices: enrolled.map(dated),
  };
  return new Blob([JSON.stringify(all, undefined, 2), "\n"], { type: "application/json" });
}

const TIMES = ["at", "created", "modified", "expires", "lastUse"];

// Times as people and other programs read them.
function dated(value: object): object {
  const entries = Object.entries(value).map(([name, member]: [string, unknown]) =>
    [name, TIMES.includes(name) && typeof member === "number" ? formatTime(member) : member]);
  return Object.fromEntries(entries) as object;
}

// A value of JSON as such, a text as text, all else in base64url.
function readable({ mediaType, value }: StoredItem): object {
  const text = fromUtf8(value);
  if (text !== undefined && mediaType === "application/json") {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      // Falls through: it says to be JSON and is none.
    }
  }
  return text !== undefined && mediaType.startsWith("text/") ? { value: text } : { value: undefined, base64url: base64url(value) };
}

/** Erases the vault at the node, then here. Needs the person. */
export async function deleteVault(device: Device): Promise<void> {
  const command = await device.command({ delete_vault: {} });
  await device.send(post("/v1/vault/delete", command)).catch((error: unknown) => {
    // It was deleted already, by this very command or from another device.
    if (!(error instanceof Problem && error.code === "vault_gone")) throw error;
  });
  await forget();
}

/** Forgets everything that this browser keeps of the wallet. */
export async function forget(): Promise<void> {
  const names = (await database.keys("records")).filter((name) => name.startsWith("wallet-"));
  await database.write("records", Object.fromEntries(names.map((name) => [name, undefined])));
  await database.clear("objects");
}
