// What domain/FORMAT.md says, by the vectors that Rust made.

import assert from "node:assert/strict";
import { test } from "node:test";
import { base64url, concat, lp, utf8 } from "../src/core/bytes.ts";
import { seal as sealAead } from "../src/core/crypto/aead.ts";
import { info, recipient, seal as sealHpke, suite } from "../src/core/crypto/hpke.ts";
import { open as openItem, seal as sealItem } from "../src/core/crypto/item.ts";
import { aeadKey, commitment, contentSecret, epochSecret, grantKey, itemId } from "../src/core/crypto/key-tree.ts";
import { expand, hkdf, hmac, lpDigest, sha256 } from "../src/core/crypto/kdf.ts";
import { sign, verify } from "../src/core/crypto/keys.ts";
import { NotOpened, open as openObject, seal as sealObject } from "../src/core/crypto/object.ts";
import { formatCode, isToken } from "../src/core/crypto/token.ts";
import { codeWrapKey, grantKeyContext, itemContext, unwrap, wrap } from "../src/core/crypto/wrap.ts";
import { idBytes, isId, newId, randomOf, regionOf } from "../src/core/id.ts";
import { Sheet } from "../src/core/wallet/recovery.ts";
import { type Case, flipped, hex, unhex, vectors } from "./vectors.ts";

test("encoding: lp and ids", () => {
  let [lists, ids] = [0, 0];
  for (const known of vectors("encoding")) {
    if (known.has("lp")) {
      const bytes = lp(known.text("label"), ...known.list("fields").map((field) => unhex(String(field))));
      assert.equal(hex(bytes), known.text("lp"));
      assert.equal(hex(sha256(bytes)), known.text("sha256"));
      lists++;
    } else {
      const id = known.text("id");
      assert.equal(hex(idBytes(id)), known.text("bytes"));
      assert.ok(isId(id.slice(0, 3) as "ins", id));
      assert.equal(newId(id.slice(0, 3) as "ins", regionOf(id), randomOf(id)), id);
      ids++;
    }
  }
  assert.deepEqual([lists, ids], [4, 10]);
});

test("key tree", () => {
  let cases = 0;
  for (const known of vectors("key_tree")) {
    if (known.has("path")) {
      const [root, path] = [known.bytes("root_key"), known.text("path")];
      const [item, epoch] = [itemId(root, path), epochSecret(root, path, known.number("epoch"))];
      const content = contentSecret(epoch, item, known.bytes("salt"));
      const found = { item_id: item, epoch_secret: epoch, content_secret: content, aead_key: aeadKey(content), commitment: commitment(content) };
      for (const [name, bytes] of Object.entries(found)) assert.equal(hex(bytes), known.text(name), name);
    } else if (known.has("grant")) {
      assert.equal(hex(grantKey(known.bytes("root_key"), known.text("grant"))), known.text("grant_key"));
    } else {
      // A page never has a pepper; the formula is checked all the same.
      const message = lp(known.text("label"), ...known.list("fields").map((field) => unhex(String(field))));
      assert.equal(hex(hmac(known.bytes("pepper"), message)), known.text("peppered_hash"));
    }
    cases++;
  }
  assert.equal(cases, 5);
});

// The key that a request with a token brings along: a node's to make.
const tokenKey = (token: string, label: string, ...fields: readonly (Uint8Array | string)[]): Uint8Array => hkdf(utf8(token), lp(label, ...fields));

function wrapContext(known: Case): Uint8Array {
  if (!known.has("path")) return grantKeyContext(known.text("grant"), known.text("client"));
  const lent = known.has("version") ? { object: known.bytes("version") } : { epoch: known.number("epoch") };
  return itemContext(known.text("grant"), known.text("path"), known.bytes("item_id"), lent);
}

function wrapKey(known: Case): Uint8Array {
  const parties = () => [known.text("grant"), known.text("client")] as const;
  if (known.has("half")) return codeWrapKey(known.bytes("half"), ...parties());
  if (known.has("access_token")) return tokenKey(known.text("access_token"), "wrap/access", ...parties());
  if (known.has("refresh_token")) return tokenKey(known.text("refresh_token"), "wrap/refresh", ...parties());
  return known.bytes("key");
}

test("wraps", () => {
  const all = vectors("wrap");
  assert.equal(all.length, 5);
  for (const known of all) {
    const [key, context, secret] = [wrapKey(known), wrapContext(known), known.bytes("secret")];
    assert.equal(hex(key), known.text("key"));
    assert.equal(hex(context), known.text("context"));
    const made = wrap(key, context, secret);
    assert.equal(hex(made), known.text("wrap"));
    assert.equal(hex(lpDigest("wrap-hash", made)), known.text("wrap_hash"));
    assert.deepEqual(unwrap(key, context, made), secret);
    assert.equal(unwrap(flipped(key, 7), context, made), undefined, "another key");
    assert.equal(unwrap(key, flipped(context, 300), made), undefined, "another context");
    assert.equal(unwrap(key, context, made.subarray(0, 79)), undefined, "cut");
    for (let bit = 0; bit < made.length * 8; bit += 5) assert.equal(unwrap(key, context, flipped(made, bit)), undefined);
  }
});

test("a wrap whose salt was chosen is refused", () => {
  const [key, context, secret] = [new Uint8Array(32).fill(3), lp("context"), new Uint8Array(32).fill(5)];
  const right = wrap(key, context, secret);
  const under = (salt: Uint8Array) => concat(salt, sealAead(expand(key, lp("wrap/key", salt)), new Uint8Array(12), context, secret));
  assert.deepEqual(under(right.subarray(0, 32)), right);
  assert.equal(unwrap(key, context, under(new Uint8Array(32).fill(7))), undefined);
});

test("objects", () => {
  const all = vectors("object");
  assert.equal(all.length, 3);
  for (const known of all) {
    const [secret, id, object] = [known.bytes("content_secret"), known.bytes("object_id"), known.bytes("object")];
    const said = known.inner("metadata");
    const metadata = { path: said.text("path"), mediaType: said.text("media_type"), created: said.number("created"), modified: said.number("modified") };
    const opened = openItem(secret, id, known.text("path"), object);
    assert.deepEqual(opened.metadata, metadata);
    assert.equal(hex(sha256(opened.value)), known.text("value_digest"));
    const again = sealItem(secret, id, known.number("epoch"), known.bytes("salt"), metadata, opened.value);
    assert.deepEqual(again, object);
    assert.equal(hex(sha256(object)), known.text("digest"));
    assert.throws(() => openItem(flipped(secret, 0), id, known.text("path"), object), NotOpened);
    assert.throws(() => openItem(secret, flipped(id, 0), known.text("path"), object), NotOpened);
    assert.throws(() => openItem(secret, id, "another.path", object), NotOpened);
  }
});

test("an object that would open under two keys opens under none", () => {
  const [secret, id, salt] = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), new Uint8Array(32).fill(3)];
  const object = sealObject(secret, id, 4, salt, new Uint8Array(9));
  const forge = (header: Uint8Array) => {
    const nonce = Uint8Array.from({ length: 12 }, (_, at) => (at === 11 ? 1 : 0));
    return concat(header, sealAead(aeadKey(secret), nonce, lp("object", id, header), new Uint8Array(9)));
  };
  const header = object.slice(0, 76);
  assert.deepEqual(forge(header), object);
  assert.throws(() => openObject(secret, id, forge(flipped(header, 44 * 8))), NotOpened, "the commitment is another key's");
});

test("objects under every knife", () => {
  const [secret, id, salt] = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), new Uint8Array(32).fill(3)];
  const seal = (length: number) => sealObject(secret, id, 4, salt, Uint8Array.from({ length }, (_, at) => at % 251));
  for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072]) {
    assert.equal(openObject(secret, id, seal(length)).length, length);
  }
  const small = seal(40);
  for (let bit = 0; bit < small.length * 8; bit++) assert.throws(() => openObject(secret, id, flipped(small, bit)), NotOpened);
  for (let length = 0; length < small.length; length++) assert.throws(() => openObject(secret, id, small.slice(0, length)), NotOpened);
  assert.throws(() => openObject(secret, id, concat(small, Uint8Array.of(0))), NotOpened);
  const large = seal(2 * 65_536);
  const cut = 76 + 65_536 + 16;
  assert.throws(() => openObject(secret, id, large.slice(0, cut)), NotOpened, "cut at a chunk's border");
  const swapped = concat(large.slice(0, 76), large.slice(cut), large.slice(76, cut));
  assert.throws(() => openObject(secret, id, swapped), NotOpened, "chunks in another order");
});

async function x25519Pair(secret: Uint8Array, publicKey: Uint8Array): Promise<CryptoKeyPair> {
  const jwk = { kty: "OKP", crv: "X25519", x: base64url(publicKey) };
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, { name: "X25519" }, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: base64url(secret) }, { name: "X25519" }, false, ["deriveBits"]),
  };
}

test("hpke", async () => {
  const all = vectors("hpke");
  assert.ok(all.length >= 3);
  for (const known of all) {
    const [ad, text, context] = [known.bytes("associated_data"), known.bytes("text"), known.bytes("info")];
    const to = await recipient(known.bytes("public_key"));
    const pair = await x25519Pair(known.bytes("secret_key"), known.bytes("public_key"));
    const open = async (message: Uint8Array, info: Uint8Array = context, bound: Uint8Array = ad) =>
      new Uint8Array(await suite.open({ recipientKey: pair, enc: message.slice(0, 32), info }, message.slice(32), bound));
    // The library seals what Rust sealed, with the randomness of the case.
    const { enc, ct } = await suite.seal({ recipientPublicKey: to, info: context, ekm: known.bytes("random").buffer }, text, ad);
    const sealed = concat(new Uint8Array(enc), new Uint8Array(ct));
    assert.equal(hex(sealed), known.text("sealed"));
    assert.deepEqual(await open(sealed), text);
    // And we seal what it opens, each time with a key of its own.
    const fresh = await sealHpke(to, context, ad, text);
    assert.notDeepEqual(fresh, sealed);
    assert.deepEqual(await open(fresh), text);
    await assert.rejects(open(fresh, flipped(context, 3)), "another info");
    await assert.rejects(open(fresh, context, flipped(ad, 3)), "other associated data");
    for (const bit of [3, 250, fresh.length * 8 - 1]) await assert.rejects(open(flipped(fresh, bit)));
  }
});

test("hpke: what a message is bound to", () => {
  const [, item, half] = vectors("hpke");
  const [client, session] = [newId("ins", "eu1", count(0x20)), newId("ses", "eu1", count(0x30))];
  const made = (purpose: "item" | "half") => hex(info(sha256(utf8("statement")), purpose, "https://example.org", client, session));
  assert.deepEqual([made("item"), made("half")], [item?.text("info"), half?.text("info")]);
});

// What the vectors' fixed inputs are made of.
const count = (first: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, at) => first + at);

test("tokens and codes", () => {
  let [tokens, codes] = [0, 0];
  for (const known of vectors("token")) {
    if (known.has("code")) {
      assert.equal(formatCode(known.text("handle"), known.bytes("half")), known.text("code"));
      codes++;
      continue;
    }
    const [token, key] = [known.text("token"), known.inner("derived_key")];
    assert.ok(isToken(known.text("prefix") as "atk", token));
    // What a node makes of a token; no page does, and the formulas are checked all the same.
    const hash = lpDigest("token-id", token);
    assert.equal(hex(hash), known.text("hash"));
    assert.equal(newId("tok", known.text("region"), hash.subarray(0, 16)), known.text("id"));
    const fields = key.list("fields").map((field) => unhex(String(field)));
    assert.equal(hex(tokenKey(token, key.text("label"), ...fields)), key.text("key"));
    for (const wrong of [token.slice(1), `${token}A`, token.replace("_eu1_", "_EU_"), `${token.slice(0, -1)}9`, `${token.slice(0, -1)}=`]) {
      assert.ok(!isToken(known.text("prefix") as "atk", wrong), wrong);
    }
    tokens++;
  }
  assert.deepEqual([tokens, codes], [8, 1]);
});

test("es256", async () => {
  for (const known of vectors("es256")) {
    const jwk = { kty: "EC", crv: "P-256", x: known.inner("jwk").text("x"), y: known.inner("jwk").text("y") } as const;
    const [message, signature] = [known.bytes("message"), known.bytes("signature")];
    assert.equal(jwk.x + jwk.y, base64url(known.bytes("public_key").subarray(0, 32)) + base64url(known.bytes("public_key").subarray(32)));
    assert.ok(await verify(jwk, message, signature));
    assert.ok(!(await verify(jwk, flipped(message, 1), signature)), "another message");
    assert.ok(!(await verify({ ...jwk, y: jwk.x }, message, signature)), "no point of the curve");
    for (const bit of [0, 255, 511]) assert.ok(!(await verify(jwk, message, flipped(signature, bit))));
    const secret = { ...jwk, d: base64url(known.bytes("secret_key")) };
    const key = await crypto.subtle.importKey("jwk", secret, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    assert.ok(await verify(jwk, message, await sign(key, message)));
  }
});

test("recovery sheets", async () => {
  const all = vectors("recovery");
  assert.equal(all.length, 2);
  for (const known of all) {
    const sheet = Sheet.ofBytes("eu1", known.bytes("sheet"));
    assert.equal(sheet.vault, known.text("vault"));
    const paper = sheet.toPaper("https://wallet.example");
    assert.equal(paper.words.join(" "), known.text("words"));
    assert.equal(paper.link, known.text("link"));
    assert.equal(hex(sheet.signingKey()), known.text("signing_key"));
    const key = sheet.publicKey();
    assert.equal(key.x, base64url(known.bytes("public_key").subarray(0, 32)));
    assert.equal(key.y, base64url(known.bytes("public_key").subarray(32)));
    const message = new TextEncoder().encode("signed with a sheet");
    assert.ok(await verify(key, message, await sheet.signer(message)));
    assert.equal(hex(sheet.wrapRoot(known.bytes("root_key"))), known.text("wrap"));
    assert.deepEqual(sheet.unwrapRoot(known.bytes("wrap")), known.bytes("root_key"));
    assert.equal(sheet.unwrapRoot(flipped(known.bytes("wrap"), 100)), undefined);
    assert.equal(Sheet.make(sheet.vault, new Uint8Array(16)).unwrapRoot(known.bytes("wrap")), undefined, "another sheet");
    for (const text of [known.text("words"), `1. ${known.text("words").toUpperCase().replaceAll(" ", ",\n2. ")} `, known.text("link"), ` ${known.text("link")}\n`]) {
      assert.deepEqual(Sheet.read("eu1", text).toBytes(), sheet.toBytes(), text);
    }
  }
});
