// Signed documents: what a phone believes of a session and of an offer, and what it does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster } from "../src/core/api.ts";
import { base64url, utf8 } from "../src/core/bytes.ts";
import { pin, verifyStatement } from "../src/core/cluster.ts";
import { lpDigest, sha256 } from "../src/core/crypto/kdf.ts";
import { type P256Jwk, newSigningKey, p256Public, sign, thumbprint } from "../src/core/crypto/keys.ts";
import { Offer, allWords, statementHash, wordsIn } from "../src/core/document/offer.ts";
import { SessionStatement, checkScanned } from "../src/core/document/statement.ts";
import { isLanguage, isPlain } from "../src/core/document/texts.ts";
import { formatTime, newId } from "../src/core/id.ts";
import { NotStrict, parseStrict } from "../src/core/json.ts";
import { Jws, NotSigned, type Signer, type Typ, signJws } from "../src/core/jws.ts";
import { type Distrust, Untrusted } from "../src/core/problem.ts";
import { Misshapen } from "../src/core/shape.ts";

const NOW = 1_800_000_000_000;
const ISSUER = "https://wallet.example";

interface Signing {
  readonly signer: Signer;
  readonly jwk: P256Jwk;
}

async function signing(): Promise<Signing> {
  const pair = await newSigningKey();
  return { signer: (message) => sign(pair.privateKey, message), jwk: await p256Public(pair) };
}

// A JWS with a header of one's own choice, as a forger would make it.
async function forged({ signer }: Signing, header: object, payload: string): Promise<string> {
  const signed = `${base64url(utf8(JSON.stringify(header)))}.${base64url(utf8(payload))}`;
  return `${signed}.${base64url(await signer(utf8(signed)))}`;
}

const untrusted = (reason: Distrust) => (error: unknown) => {
  assert.ok(error instanceof Untrusted, String(error));
  assert.equal(error.reason, reason);
  return true;
};

const session = newId("ses", "eu1");
const statement = {
  issuer: ISSUER,
  session,
  operation: { consent: { offer: base64url(sha256(utf8("offer"))), request: base64url(sha256(utf8("request"))), response_mode: "symbolon.session" } },
  front_end: { id: newId("fre", "eu1"), name: "Counter 3", place: "Main Street" },
  institution: { id: newId("ins", "eu1"), name: "Example Bank", hpke_key: { kty: "OKP", crv: "X25519", x: base64url(new Uint8Array(32).fill(9)), kid: "k" } },
  issued: formatTime(NOW - 1_000),
  expires: formatTime(NOW + 100_000),
};

async function stage() {
  const [root, region, stranger] = [await signing(), await signing(), await signing()];
  const entry = { purpose: "session-statement", kid: "k1", alg: "ES256", created: formatTime(NOW), jwk: region.jwk };
  const cluster: Cluster = {
    issuer: ISSUER, wallet_origin: ISSUER, region: "eu1", rp_id: "wallet.example", partner_origin: ISSUER, root: root.jwk,
    keys: await signJws(root.signer, "symbolon-keys+jwt", { keys: [{ ...entry, purpose: "receipts", jwk: { kty: "oct" } }, entry] }),
  };
  return { root, region, stranger, cluster, entry, pinned: await pin(cluster) };
}

const header = (typ: Typ) => ({ typ, alg: "ES256", kid: "k1" });
const SESSION = header("symbolon-session+jwt");

test("a statement is believed by the pinned root alone", async () => {
  const { root, region, stranger, cluster, entry, pinned } = await stage();
  const verify = (by: Signing, told = cluster, text = JSON.stringify(statement), head: object = SESSION) =>
    forged(by, head, text).then((document) => verifyStatement(pinned, told, document, SessionStatement));
  assert.equal((await verify(region)).statement.institution.name, "Example Bank");
  await assert.rejects(verify(stranger), untrusted("statement_signature"), "another key's signature");
  await assert.rejects(verify(region, cluster, undefined, { ...SESSION, kid: "k2" }), untrusted("statement_signature"), "a key that is not certified");
  await assert.rejects(verify(region, cluster, undefined, header("symbolon-offer+jwt")), untrusted("statement_signature"), "signed for another purpose");
  await assert.rejects(verify(region, { ...cluster, root: stranger.jwk }), untrusted("root_changed"));
  const slipped = await signJws(stranger.signer, "symbolon-keys+jwt", { keys: [{ ...entry, jwk: stranger.jwk }] });
  await assert.rejects(verify(stranger, { ...cluster, keys: slipped }), untrusted("keys_uncertified"), "a key slipped in");
  const other = await signJws(root.signer, "symbolon-keys+jwt", { keys: [{ ...entry, purpose: "receipts" }] });
  await assert.rejects(verify(region, { ...cluster, keys: other }), untrusted("statement_signature"), "a key of another purpose");
  await assert.rejects(pin({ ...cluster, root: stranger.jwk }), untrusted("keys_uncertified"));
  for (const [what, text] of Object.entries({
    "a member more": JSON.stringify({ ...statement, more: 1 }),
    "a member twice": JSON.stringify(statement).replace("{", `{"issuer":"${ISSUER}",`),
    "two operations": JSON.stringify({ ...statement, operation: { ...statement.operation, store: {} } }),
    "a name that turns around": JSON.stringify({ ...statement, institution: { ...statement.institution, name: "Bank \u202eknaB" } }),
    "another kind of id": JSON.stringify({ ...statement, session: newId("grt", "eu1") }),
    "no JSON": "{",
  })) {
    await assert.rejects(verify(region, cluster, text), untrusted("statement_signature"), what);
  }
});

test("a statement belongs to the scanned code", async () => {
  const { region, cluster, pinned } = await stage();
  const document = await forged(region, SESSION, JSON.stringify(statement));
  const { statement: read, payload } = await verifyStatement(pinned, cluster, document, SessionStatement);
  const link = { origin: ISSUER, session, thumbprint: base64url(sha256(payload).subarray(0, 16)) };
  const check = (change: object, issuer = ISSUER, now = NOW) => () => checkScanned(read, payload, { ...link, ...change }, issuer, now);
  check({})();
  assert.throws(check({ thumbprint: base64url(new Uint8Array(16)) }), untrusted("thumbprint"));
  assert.throws(check({ thumbprint: base64url(sha256(payload).subarray(0, 15)) }), untrusted("thumbprint"));
  assert.throws(check({ session: newId("ses", "eu1") }), untrusted("statement_content"));
  assert.throws(check({}, "https://other.example"), untrusted("statement_content"));
  assert.throws(check({}, ISSUER, NOW + 100_000), untrusted("statement_expired"));
});

test("JWS: one form, one algorithm, one purpose", async () => {
  const key = await signing();
  const typ = "symbolon-command+jwt";
  const document = await signJws(key.signer, typ, { a: 1 });
  const shape = (value: unknown) => value;
  assert.deepEqual(await Jws.parse(document, typ).verify(key.jwk, shape), { a: 1 });
  assert.equal(base64url(Jws.parse(document, typ).digest), base64url(sha256(utf8(document.slice(0, document.lastIndexOf("."))))));
  for (const wrong of ["", "a.b", `${document}.x`, `${document}=`, document.slice(0, -2), `x${document}`, "a".repeat(17 * 1_024)]) {
    assert.throws(() => Jws.parse(wrong, typ), NotSigned, wrong.slice(0, 40));
  }
  for (const head of [{ typ, alg: "none" }, { typ, alg: "ES384" }, { typ, alg: "ES256", crit: [] }, { typ, alg: "ES256", jwk: key.jwk }, { alg: "ES256" }]) {
    const made = await forged(key, head, "{}");
    assert.throws(() => Jws.parse(made, typ), NotSigned, JSON.stringify(head));
  }
  const [head = "", , signature = ""] = document.split(".");
  const tampered = Jws.parse(`${head}.${base64url(utf8('{"a":2}'))}.${signature}`, typ);
  await assert.rejects(tampered.verify(key.jwk, shape), NotSigned);
  await assert.rejects(Jws.parse(document, typ).verify((await signing()).jwk, shape), NotSigned);
});

test("JSON is read in one way only", () => {
  assert.deepEqual(parseStrict(utf8('{"a":{"b":[{"a":1},{"a":2}]},"b":"x:{\\"a\\":1,\\"a\\":2}"}')), { a: { b: [{ a: 1 }, { a: 2 }] }, b: 'x:{"a":1,"a":2}' });
  for (const wrong of ['{"a":1,"a":2}', '{"x":{"a":1,"b":2,"a":3}}', '{"a":1,"\\u0061":2}', '[{"a" : 1, "a"\n: 1}]', "{", "", '{"a":1}x', `${"[".repeat(17)}${"]".repeat(17)}`]) {
    assert.throws(() => parseStrict(utf8(wrong)), NotStrict, wrong);
  }
  assert.throws(() => parseStrict(Uint8Array.of(0x22, 0xff, 0x22)), NotStrict);
});

const texts = (text: string) => ({ en: text, de: `${text} (de)` });
const offer = {
  institution: statement.institution.id,
  title: { ...texts("Open an account"), "zh-Hans": "开户" },
  items: [
    { path: "identity.name", necessity: "required" },
    { path: "address", necessity: "optional" },
    { path: "contact.email", necessity: { one_of: "contact" } },
    { path: "contact.phone", necessity: { one_of: "contact" } },
  ],
  purpose: { code: "dpv:IdentityVerification", text: texts("To know who you are") },
  frequency: { uses_max: 1, period_seconds: null },
  data_life_seconds: 86_400,
  grant_life_seconds: 3_600,
  covers_future: false,
  delivery: "institution",
  use_statement: texts("We look at it once."),
  disclaimer: texts("What was read cannot be taken back."),
  allowed_regions: [],
  expires: formatTime(NOW),
};

test("an offer: what is sound, and its words", () => {
  const read = Offer(offer);
  assert.equal(read.frequency.period_seconds, undefined);
  assert.deepEqual(read.items[2]?.necessity, { kind: "one_of", group: "contact" });
  assert.deepEqual(allWords(read).map((words) => words.language), ["en", "de"]);
  assert.equal(wordsIn(read, "zh-Hans"), undefined, "the title alone is no text");
  assert.equal(wordsIn(read, "toString"), undefined);
  const words = wordsIn(read, "de");
  assert.ok(words);
  const expected = lpDigest("statement", "de", "Open an account (de)", "To know who you are (de)", "We look at it once. (de)", "What was read cannot be taken back. (de)");
  assert.deepEqual(statementHash(words), expected);
});

test("an offer: what is refused", () => {
  const [name, , email, phone] = offer.items;
  const wrongs: Record<string, object> = {
    "no items": { items: [] },
    "a path twice": { items: [name, name] },
    "a path within another": { items: [{ path: "a", necessity: "optional" }, { path: "a.b", necessity: "optional" }] },
    "a group of one": { items: [email] },
    "a group's name": { items: [email, phone].map((item) => ({ ...item, necessity: { one_of: "Contact" } })) },
    "another necessity": { items: [{ path: "a", necessity: "perhaps" }] },
    "no English": { title: { de: "Konto" } },
    "a title too long": { title: { en: "x".repeat(81) } },
    "a deceptive text": { disclaimer: { en: "nothing\u200b" } },
    "a control character": { disclaimer: { en: "a\u001b[2J" } },
    "an empty text": { disclaimer: { en: " " } },
    "a language that is none": { title: { en: "x", EN: "x" } },
    "no uses": { frequency: { uses_max: 0 } },
    "a life of nothing": { grant_life_seconds: 0 },
    "an endless life": { grant_life_seconds: 316_224_001 },
    "another delivery": { delivery: "post" },
    "a region twice": { allowed_regions: ["eu1", "eu1"] },
    "a member more": { more: true },
    "a purpose with spaces": { purpose: { code: "a b", text: texts("x") } },
    "another's id": { institution: newId("fre", "eu1") },
  };
  for (const [what, change] of Object.entries(wrongs)) assert.throws(() => Offer({ ...offer, ...change }), Misshapen, what);
  for (const member of Object.keys(offer).filter((name) => name !== "data_life_seconds" && name !== "allowed_regions")) {
    assert.throws(() => Offer({ ...offer, [member]: undefined }), Misshapen, `without ${member}`);
  }
  assert.equal(Offer({ ...offer, data_life_seconds: undefined }).data_life_seconds, undefined);
});

test("languages and texts", () => {
  for (const tag of ["en", "de", "zh-Hant", "zh-Hant-TW", "gsw"]) assert.ok(isLanguage(tag), tag);
  for (const tag of ["", "e", "EN", "english", "en_", "en-", "en-waytoolong", "en us"]) assert.ok(!isLanguage(tag), tag);
  assert.ok(isPlain("two\nlines", 80));
  assert.ok(isPlain("ü".repeat(80), 80) && isPlain("🦆".repeat(80), 80) && !isPlain("ü".repeat(81), 80));
  for (const text of ["\u202eevil", "a\u0000", "a\u200bb", "\u001b[2J", "a\u2028b", "a\rb", "\ufeff", "a\u2066b"]) assert.ok(!isPlain(text, 80), JSON.stringify(text));
});

test("a key's thumbprint (RFC 9449 section 6.1)", () => {
  const jwk = { kty: "EC", crv: "P-256", x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" } as const;
  assert.equal(base64url(thumbprint(jwk)), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
});
