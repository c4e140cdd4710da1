// All of a vault at once: its devices, taking it along, erasing it.

import { DeviceView } from "../api.ts";
import { base64url, fromUtf8 } from "../bytes.ts";
import * as database from "../database.ts";
import { post } from "../http.ts";
import { formatTime } from "../id.ts";
import { Problem, Untrusted } from "../problem.ts";
import { Misshapen, count, optional, struct, text } from "../shape.ts";
import type { Device, SignedCommand } from "./device.ts";
import { grants } from "./grants.ts";
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

/**
 * Everything as one JSON file: the items opened, what was lent with the names that this device
 * was shown, and line by line all that the node keeps, ciphertext and signatures included.
 */
export async function exportAll(device: Device): Promise<Blob> {
  const command = await device.command({ export: {} });
  const stored = await storedLines(device, command);
  const [items, lent] = [await openAll(device), await grants(device)];
  const { vault, cluster } = device.identity;
  const all = {
    format: "symbolon-vault-export",
    version: 1,
    issuer: cluster.issuer,
    vault,
    exported: formatTime(Date.now()),
    items: items.map((item) => ({ ...dated(item), ...readable(item) })),
    grants: lent.map(dated),
    stored,
  };
  return new Blob([JSON.stringify(all, undefined, 1), "\n"], { type: "application/json" });
}

const line = struct({ type: text, lines: optional(count) });

// The last line says how many are before it: without it the export broke off.
async function storedLines(device: Device, command: SignedCommand): Promise<unknown[]> {
  const told = await device.node.bytes(post("/v1/vault/export", command), device.holder);
  try {
    const lines = (fromUtf8(told) ?? "").trimEnd().split("\n").map((line): unknown => JSON.parse(line));
    const last = line(lines.at(-1));
    if (last.type === "end" && last.lines === lines.length - 1) return lines;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof Misshapen)) throw error;
  }
  throw new Untrusted("answer", "the export is not whole");
}

const TIMES = ["created", "modified", "expires", "lastUse"];

// Times as people and other programs read them.
function dated(value: object): object {
  const entries = Object.entries(value).map(([name, member]: [string, unknown]) =>
    [name, TIMES.includes(name) && typeof member === "number" ? formatTime(member) : member]);
  return Object.fromEntries(entries) as object;
}

// A value of JSON as such, a text as text, all else in base64url.
function readable({ mediaType, value }: StoredItem): object {
  const words = fromUtf8(value);
  if (words !== undefined && mediaType === "application/json") {
    try {
      return { value: JSON.parse(words) as unknown };
    } catch {
      // Falls through: it says to be JSON and is none.
    }
  }
  return words !== undefined && mediaType.startsWith("text/") ? { value: words } : { value: undefined, base64url: base64url(value) };
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
