// What is hashed in deterministic CBOR: manifests' roots and grants' records, by the vectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordView } from "../src/core/api.ts";
import { base64url } from "../src/core/bytes.ts";
import { type Cbor, NotCbor, decode, encode } from "../src/core/cbor.ts";
import { lpDigest } from "../src/core/crypto/kdf.ts";
import { type Leaf, rootOf } from "../src/core/manifest.ts";
import { Untrusted } from "../src/core/problem.ts";
import { verifyChain } from "../src/core/wallet/chain.ts";
import { emptyManifest } from "../src/core/wallet/state.ts";
import { Case, flipped, hex, unhex, vectors } from "./vectors.ts";

test("cbor: the examples of RFC 8949 with our types", () => {
  const examples: readonly (readonly [Cbor, string])[] = [
    [0, "00"], [10, "0a"], [23, "17"], [24, "1818"], [100, "1864"], [1_000, "1903e8"], [1_000_000, "1a000f4240"],
    [1_000_000_000_000, "1b000000e8d4a51000"], [2n ** 64n - 1n, "1bffffffffffffffff"],
    [false, "f4"], [true, "f5"], [null, "f6"], [new Uint8Array(), "40"], [Uint8Array.of(1, 2, 3, 4), "4401020304"],
    ["", "60"], ["IETF", "6449455446"], ["\u00fc", "62c3bc"], ["\u{10151}", "64f0908591"],
    [[], "80"], [[1, [2, 3], [4, 5]], "8301820203820405"], [new Map(), "a0"],
    [new Map<string, Cbor>([["b", [2, 3]], ["a", 1]]), "a26161016162820203"],
    [new Map<string, Cbor>([["aa", 1], ["z", 2]]), "a2617a0262616101"],
  ];
  for (const [value, encoding] of examples) {
    assert.equal(hex(encode(value)), encoding);
    assert.equal(hex(encode(decode(unhex(encoding)))), encoding);
  }
});

test("cbor: every other encoding is refused", () => {
  for (const wrong of [
    "", "1800", "1817", "190018", "1a00000100", "1b0000000000000001", "0000", "20", "c000", "f7", "f800", "fa00000000",
    "5f4100ff", "9f00ff", "bf616100ff", "a2616200616100", "a2616100616100", "a10000", "42ff", "61ff", "9b00000000ffffffff",
    "81".repeat(17) + "00", "1c", "ff",
  ]) {
    assert.throws(() => decode(unhex(wrong)), NotCbor, wrong);
  }
});

const leafOf = (members: unknown): Leaf => {
  const known = new Case(members as Record<string, unknown>);
  return {
    item: known.bytes("item"), version: known.number("version"), epoch: known.number("epoch"),
    object: known.bytes("object"), digest: known.bytes("digest"), size: known.number("size"), salt: known.bytes("salt"),
    tombstone: (members as { tombstone: number | null }).tombstone ?? undefined,
  };
};

test("roots of manifests", () => {
  const all = vectors("manifest");
  assert.equal(all.length, 6);
  for (const known of all) {
    const leaves = known.list("items").map(leafOf);
    assert.equal(hex(rootOf(leaves)), known.text("root"));
    assert.equal(hex(rootOf(leaves.toReversed())), known.text("root"), "whatever the order");
    for (const [at, leaf] of leaves.entries()) {
      const others = leaves.toSpliced(at, 1);
      assert.notEqual(hex(rootOf(others)), known.text("root"), "one is missing");
      assert.notEqual(hex(rootOf([...others, { ...leaf, version: leaf.version + 1 }])), known.text("root"), "one is newer");
    }
  }
  assert.equal(emptyManifest().root, base64url(all[0]?.bytes("root") ?? new Uint8Array()));
});

function chain(): { readonly grant: string; readonly head: string; readonly views: readonly RecordView[] } {
  const [known] = vectors("record");
  assert.ok(known);
  const views = known.list("records").map((members) => {
    const record = new Case(members as Record<string, unknown>);
    const fact = (members as { fact: { kind: "given" | "used" | "moved"; state?: "paused"; items?: { item: string; version: number; digest: string }[] } }).fact;
    const items = fact.items?.map((item) => ({ ...item, path: "a.path", item: base64url(unhex(item.item)), digest: base64url(unhex(item.digest)) }));
    return {
      sequence: record.number("sequence"), leaf: record.bytes("leaf"), salt: record.bytes("salt"), record: record.bytes("record"),
      fact: { kind: fact.kind, at: record.number("at"), state: fact.state, items },
    };
  });
  return { grant: known.text("grant"), head: base64url(known.bytes("head")), views };
}

test("a grant's chain of records; a hidden or changed one shows", () => {
  const { grant, head, views } = chain();
  assert.equal(views.length, 4);
  assert.equal(verifyChain(grant, views), head);
  const refused = (changed: readonly RecordView[], name = grant) =>
    assert.throws(() => verifyChain(name, changed), (error) => error instanceof Untrusted && error.reason === "chain");
  const changed = (at: number, change: (view: RecordView) => Partial<RecordView>) => views.map((view, number) => (number === at ? { ...view, ...change(view) } : view));
  refused(views, grant.replace("grt_eu1", "grt_us1"));
  for (const at of [0, 1, 2]) refused(views.toSpliced(at, 1));
  refused([...views].reverse());
  refused(changed(1, (view) => ({ record: flipped(view.record, 40) })));
  refused(changed(1, (view) => ({ salt: flipped(view.salt, 4) })));
  refused(changed(1, (view) => ({ leaf: flipped(view.leaf, 4) })));
  refused(changed(1, () => ({ sequence: 2 })));
  // What is told must be what the record says.
  refused(changed(1, (view) => ({ fact: { ...view.fact, at: 9 } })));
  refused(changed(1, (view) => ({ fact: { ...view.fact, kind: "given", items: undefined } })));
  refused(changed(1, (view) => ({ fact: { ...view.fact, items: [] } })));
  refused(changed(1, (view) => ({ fact: { ...view.fact, items: view.fact.items?.map((item) => ({ ...item, version: 4 })) } })));
  refused(changed(1, (view) => ({ fact: { ...view.fact, items: view.fact.items?.map((item) => ({ ...item, digest: item.item })) } })));
  refused(changed(2, (view) => ({ fact: { ...view.fact, state: "active" } })));
  // A record that names another one before it, with a leaf that fits.
  const elsewhere = (view: RecordView): Partial<RecordView> => {
    const members = decode(view.record);
    assert.ok(members instanceof Map);
    const record = encode(new Map<string, Cbor>([...members, ["previous", new Uint8Array(32)]]));
    return { record, leaf: lpDigest("leaf", view.salt, record) };
  };
  refused(changed(3, elsewhere));
  assert.equal(verifyChain(grant, changed(0, elsewhere)), head, "the first has none before it");
  // The last ones can be held back; the head of the grant's view tells.
  assert.notEqual(verifyChain(grant, views.slice(0, 3)), head);
});
