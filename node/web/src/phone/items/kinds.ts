// How an item is filled in: which input fits what it holds. What is not known is text.
import type { StoredItem } from "../../core/wallet.ts";
import { jsonValue } from "../../core/wallet.ts";

/** One input. */
export type Plain =
  | { readonly kind: "text" | "lines" | "email" | "tel" | "url" | "date" | "country" | "yes" }
  | { readonly kind: "choice"; readonly options: readonly string[] };

/** Where in a JSON value a part lies. */
type At = readonly (string | number)[];

export type Kind =
  | Plain
  | { readonly kind: "file" }
  /** A JSON value with parts that have inputs of their own. */
  | { readonly kind: "record"; readonly parts: readonly Part[]; readonly fixed?: readonly [At, unknown][] }
  /** A list of one value. */
  | { readonly kind: "only"; readonly of: Plain }
  /** Whatever JSON it is, as text. */
  | { readonly kind: "raw" };

export interface Part {
  /** A member that has a name in the catalogue. */
  readonly name: string;
  readonly at: At;
  readonly input: Plain;
}

/** What was filled in, or not. */
export type Draft =
  | { readonly json: unknown }
  | { readonly file: { readonly name: string; readonly mediaType: string; readonly value: Uint8Array } };

export const FILE_BYTES_MAX = 30_000_000;

const text: Plain = { kind: "text" };
const documents = ["passport", "idcard", "driving_permit", "residence_permit"];
const frameworks = ["uk_diatf", "eidas", "de_aml", "nist_800_63A"];
const addressParts = (at: At): Part[] => [
  { name: "street_address", at: [...at, "street_address"], input: { kind: "lines" } },
  { name: "postal_code", at: [...at, "postal_code"], input: text },
  { name: "locality", at: [...at, "locality"], input: text },
  { name: "region", at: [...at, "region"], input: text },
  { name: "country", at: [...at, "country"], input: text },
];

const known: Readonly<Record<string, Kind>> = {
  email: { kind: "email" },
  phone_number: { kind: "tel" },
  msisdn: { kind: "tel" },
  website: { kind: "url" },
  profile: { kind: "url" },
  birthdate: { kind: "date" },
  email_verified: { kind: "yes" },
  phone_number_verified: { kind: "yes" },
  gender: text,
  nationalities: { kind: "only", of: { kind: "country" } },
  place_of_birth: {
    kind: "record",
    parts: [
      { name: "locality", at: [0, "locality"], input: text },
      { name: "country", at: [0, "country"], input: { kind: "country" } },
    ],
  },
  address: { kind: "record", parts: addressParts([]) },
  "address.formatted": { kind: "lines" },
  "address.street_address": { kind: "lines" },
  "verification.trust_framework": { kind: "choice", options: frameworks },
  "verification.assurance_level": { kind: "choice", options: ["low", "medium", "substantial", "high"] },
  "verification.evidence": {
    kind: "record",
    fixed: [[[0, "type"], "document"]],
    parts: [
      { name: "type", at: [0, "document_details", "type"], input: { kind: "choice", options: documents } },
      { name: "document_number", at: [0, "document_details", "document_number"], input: text },
      { name: "country", at: [0, "document_details", "issuer", "country"], input: { kind: "country" } },
      { name: "date_of_issuance", at: [0, "document_details", "date_of_issuance"], input: { kind: "date" } },
      { name: "date_of_expiry", at: [0, "document_details", "date_of_expiry"], input: { kind: "date" } },
    ],
  },
  "verification.scan": { kind: "file" },
  picture: { kind: "url" },
};

/** What fits a path that is not filled in yet. */
export function kindOf(path: string): Kind {
  return known[path.replace(/^(oidc\.|ida\.claims\.|ida\.)/, "")] ?? (path.startsWith("documents.") ? { kind: "file" } : text);
}

/** What fits an item as it is stored. */
export function kindOfStored(item: StoredItem): Kind {
  const json = jsonValue(item);
  if (json === undefined) return { kind: "file" };
  const kind = kindOf(item.path);
  return fits(kind, json) ? kind : typeof json === "string" ? { kind: json.includes("\n") ? "lines" : "text" } : typeof json === "boolean" ? { kind: "yes" } : { kind: "raw" };
}

function fits(kind: Kind, json: unknown): boolean {
  switch (kind.kind) {
    case "file": return false;
    case "yes": return typeof json === "boolean";
    case "choice": return typeof json === "string" && kind.options.includes(json);
    case "country": return typeof json === "string" && /^[A-Z]{2}$/.test(json);
    case "date": return typeof json === "string" && /^\d{4}-\d{2}-\d{2}$/.test(json);
    case "only": return Array.isArray(json) && json.length === 1 && fits(kind.of, json[0]);
    case "record":
      return typeof json === "object" && json !== null
        && kind.parts.every((it) => getAt(json, it.at) === undefined || fits(it.input, getAt(json, it.at)));
    case "raw": return true;
    default: return typeof json === "string";
  }
}

export function getAt(value: unknown, at: At): unknown {
  return at.reduce<unknown>((it, key) => (it as Record<string | number, unknown> | undefined)?.[key], value);
}

/** The value with another one at a place; what else is there stays. */
export function setAt(value: unknown, at: At, next: unknown): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return next;
  // Nothing in the place of nothing: no empty members on the way there.
  if (next === undefined && getAt(value, at) === undefined) return value;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : value === undefined && typeof key === "number" ? [] : { ...(value as object | undefined) };
  const inner = setAt((copy as Record<string | number, unknown>)[key], rest, next);
  if (inner === undefined && typeof key === "string") delete (copy as Record<string, unknown>)[key];
  else (copy as Record<string | number, unknown>)[key] = inner;
  return copy;
}

/** Why a draft cannot be stored: the key of a text. */
export type Wrong = "empty" | "email" | "tel" | "url" | "date" | "raw";

function wrongPlain(kind: Plain, value: unknown): Wrong | undefined {
  const it = typeof value === "string" ? value.trim() : value;
  if (it === undefined || it === "") return "empty";
  if (typeof it !== "string") return undefined;
  switch (kind.kind) {
    case "email": return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(it) ? undefined : "email";
    case "tel": return /^\+[\d\s()./-]{5,30}$/.test(it) ? undefined : "tel";
    case "url": return URL.canParse(it) && /^https?:/.test(it) ? undefined : "url";
    case "date": return /^\d{4}-\d{2}-\d{2}$/.test(it) ? undefined : "date";
    default: return undefined;
  }
}

export function wrongIn(kind: Kind, draft: Draft | undefined): Wrong | undefined {
  if (!draft) return "empty";
  if ("file" in draft) return undefined;
  const { json } = draft;
  switch (kind.kind) {
    case "raw": return json === undefined ? "raw" : undefined;
    case "file": return "empty";
    case "only": return wrongPlain(kind.of, Array.isArray(json) ? json[0] : undefined);
    case "record": {
      const filled = kind.parts.filter((it) => wrongPlain(it.input, getAt(json, it.at)) !== "empty");
      const wrong = filled.map((it) => wrongPlain(it.input, getAt(json, it.at))).find((it) => it !== undefined);
      return filled.length === 0 ? "empty" : wrong;
    }
    default: return wrongPlain(kind, json);
  }
}

/** The JSON as it is stored: without spaces at the ends, with what always belongs to it. */
export function finished(kind: Kind, json: unknown): unknown {
  if (typeof json === "string") return json.trim();
  if (kind.kind === "only") return (json as unknown[]).map((it) => finished(kind.of, it));
  if (kind.kind !== "record") return json;
  const parts = kind.parts.reduce((it, part) => {
    const value = finished(part.input, getAt(it, part.at));
    return setAt(it, part.at, value === "" ? undefined : value);
  }, json);
  return (kind.fixed ?? []).reduce((it, [at, value]) => setAt(it, at, getAt(it, at) ?? value), parts);
}
