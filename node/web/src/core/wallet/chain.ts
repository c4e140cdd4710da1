// A grant's records are a chain: each carries a number and the leaf before it, so that a hidden
// one shows. What the node tells of a record is compared with the record itself.

import type { RecordView } from "../api.ts";
import { base64url, equal, fromBase64url } from "../bytes.ts";
import { type Cbor, NotCbor, decode } from "../cbor.ts";
import { lpDigest } from "../crypto/kdf.ts";
import { Untrusted } from "../problem.ts";

/** Verifies a grant's records as a chain and gives its head, or throws `Untrusted` (`chain`). */
export function verifyChain(grant: string, views: readonly RecordView[]): string {
  let head = new Uint8Array(32);
  for (const [number, view] of views.entries()) {
    const record = readRecord(view.record);
    const previous = record?.get("previous");
    const fits = record?.get("grant") === grant
      && record.get("sequence") === number && view.sequence === number
      && previous instanceof Uint8Array && equal(previous, head)
      && record.get("at") === view.fact.at
      && saysTheSame(record.get("fact"), view)
      && equal(view.leaf, lpDigest("leaf", view.salt, view.record));
    if (!fits) throw new Untrusted("chain", `the chain of ${grant} is broken at record ${number}`);
    head = view.leaf;
  }
  return base64url(head);
}

function readRecord(bytes: Uint8Array): ReadonlyMap<string, Cbor> | undefined {
  try {
    const value = decode(bytes);
    return value instanceof Map ? value : undefined;
  } catch (error) {
    if (error instanceof NotCbor) return undefined;
    throw error;
  }
}

/** Numbers of states in a record. */
const STATES = ["", "active", "paused", "revoked", "expired", "superseded"];

// What is shown is what the record says, not only when it says it.
function saysTheSame(fact: Cbor | undefined, { fact: told }: RecordView): boolean {
  if (!(fact instanceof Map) || fact.get("type") !== told.kind) return false;
  if (told.kind === "moved") return STATES[Number(fact.get("to"))] === told.state;
  if (told.kind === "given") return told.items === undefined;
  const items: unknown = fact.get("items");
  const toldItems = told.items ?? [];
  return Array.isArray(items) && items.length === toldItems.length && items.every((item: unknown, at) => {
    const [one, other] = [item instanceof Map ? item : new Map(), toldItems[at]];
    const same = (name: "item" | "digest") => {
      const [bytes, text]: [unknown, Uint8Array | undefined] = [one.get(name), fromBase64url(other?.[name] ?? "")];
      return bytes instanceof Uint8Array && text !== undefined && equal(bytes, text);
    };
    return other !== undefined && one.get("version") === other.version && same("item") && same("digest");
  });
}
