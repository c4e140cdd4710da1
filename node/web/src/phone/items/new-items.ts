// What was filled in, as items to store.
import { jsonItem, type NewItem } from "../../core/wallet.ts";
import { type Draft, finished, getAt, type Kind } from "./kinds.ts";

export function newItem(path: string, kind: Kind, draft: Draft): NewItem {
  return "file" in draft
    ? { path, mediaType: draft.file.mediaType, value: draft.file.value }
    : jsonItem(path, finished(kind, draft.json));
}

/** Institutions ask for single parts of an address: each is an item of its own. */
export function addressItems(path: string, kind: Kind, draft: Draft): NewItem[] {
  if (kind.kind !== "record" || "file" in draft) return [newItem(path, kind, draft)];
  const json = finished(kind, draft.json);
  const parts = kind.parts.flatMap((part) => {
    const value = getAt(json, part.at);
    return typeof value === "string" && value !== "" ? [{ name: part.name, value }] : [];
  });
  const value = (name: string) => parts.find((it) => it.name === name)?.value;
  const town = [value("postal_code"), value("locality")].filter(Boolean).join(" ");
  const lines = [value("street_address"), town, value("region"), value("country")].filter(Boolean);
  return [
    ...parts.map((it) => jsonItem(`${path}.${it.name}`, it.value)),
    jsonItem(`${path}.formatted`, lines.join("\n")),
  ];
}

/** "Tax number" is `tax_number`; nothing is left of a name in other letters. */
export function pathOfName(name: string): string | undefined {
  const plain = name.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return plain && !plain.startsWith("symbolon") ? plain.slice(0, 64) : undefined;
}
