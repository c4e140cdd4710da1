// Links, ticks, events, proofs: the small parts, each by tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import { base64, base64url, fromBase64url, utf8 } from "../src/core/bytes.ts";
import { digestOf } from "../src/core/crypto/kdf.ts";
import { newSigningKey, p256Public, sign, verify } from "../src/core/crypto/keys.ts";
import { prove } from "../src/core/dpop.ts";
import { SseParser } from "../src/core/events.ts";
import { isPath, newId, parseTime } from "../src/core/id.ts";
import { parseEnrolment, parseHint, parseLink, readCode } from "../src/core/link.ts";
import { BadInput, type Mistake } from "../src/core/problem.ts";
import { qrCode } from "../src/core/qr.ts";
import { checkTicks, everything, wordsFor } from "../src/core/wallet/ticks.ts";
import type { Asked, AskedItem, Necessity } from "../src/core/wallet/shapes.ts";
import { Sheet } from "../src/core/wallet/recovery.ts";
import { hex } from "./vectors.ts";
import decodeQR from "qr/decode.js";

const mistake = (reason: Mistake) => (error: unknown) => {
  assert.ok(error instanceof BadInput, String(error));
  assert.equal(error.reason, reason);
  return true;
};

test("base64url: one text for the same bytes", () => {
  for (const [bytes, text] of [["", ""], ["00", "AA"], ["fbff", "-_8"], ["00010203", "AAECAw"]] as const) {
    assert.equal(base64url(fromBase64url(text) ?? utf8("no")), text);
    assert.equal(hex(fromBase64url(text) ?? utf8("no")), bytes);
  }
  for (const wrong of ["A", "AB", "AA=", "+/8", "AA\n", " AA", "AAA@"]) assert.equal(fromBase64url(wrong), undefined, wrong);
  assert.equal(fromBase64url("AAECAw", 3), undefined);
  const long = new Uint8Array(100_000).fill(7);
  assert.equal(base64(long), Buffer.from(long).toString("base64"));
});

test("paths and times", () => {
  for (const path of ["a", "a.b", "a_1.b.c.d.e.f.g.h"]) assert.ok(isPath(path), path);
  for (const path of ["", ".", "a.", "A", "a b", "a..b", "a.b.c.d.e.f.g.h.i", "a".repeat(201)]) assert.ok(!isPath(path), path);
  assert.equal(parseTime("1970-01-01T00:00:01Z"), 1_000);
  assert.equal(parseTime("2024-02-29T00:00:00.250Z"), 1_709_164_800_250);
  for (const wrong of ["2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01", "2024-01-01T00:00:00+00:00", "1969-12-31T23:59:59Z", "2024-01-01T00:00:00.5Z"]) {
    assert.equal(parseTime(wrong), undefined, wrong);
  }
});

const session = newId("ses", "eu1", new Uint8Array(16).fill(1));
const print = base64url(new Uint8Array(16).fill(2));
const link = `https://wallet.example:4433/s/${session}#${print}`;
const secret = base64url(new Uint8Array(32).fill(7));
const hint = `hnt_eu1_${secret}`;

test("what codes hold", () => {
  assert.deepEqual(parseLink(` ${link}\n`), { origin: "https://wallet.example:4433", session, thumbprint: print });
  assert.deepEqual(readCode(`https://w.example/h#${hint}`), { kind: "hint" });
  const sheet = Sheet.make(newId("vlt", "eu1"), new Uint8Array(16)).toPaper("https://w.example");
  assert.deepEqual(readCode(sheet.link), { kind: "recovery", text: sheet.link });
  for (const wrong of [
    link.replace("https", "http"), link.replace("/s/", "/t/"), link.replace("#", "?"), link.replace("ses_", "grt_"),
    link.replace("wallet.", "a@wallet."), `${link}A`, link.replace("#", "?a#"), link.replace("#", "/#"), "", "javascript:alert(1)", "4006381333931",
    `https://w.example/h#${hint.slice(1)}`, `https://w.example/recover#${secret.slice(1)}`, `https://wallet.example/${"x".repeat(200)}`,
  ]) {
    assert.throws(() => readCode(wrong), mistake("link"), wrong);
  }
  assert.throws(() => parseLink(sheet.link), mistake("link"));
});

test("what terminals and screens take", () => {
  for (const scanned of [hint, `https://w.example:8443/h#${hint}`, ` https://w.example/h#${hint}\r\n`]) assert.equal(parseHint(scanned), hint);
  for (const wrong of ["", "#", hint.slice(1), hint.replace("hnt", "enr"), `http://w.example/h#${hint}`, `https://w.example/s/x#${hint}`, `https://w.example/h?a#${hint}`, `https://w.example/h#${hint}#`]) {
    assert.throws(() => parseHint(wrong), mistake("code"), wrong);
  }
  const [frontEnd, code] = [newId("fre", "eu1"), `enr_eu1_${secret}`];
  for (const text of [`https://w.example/front-end#enrol=${frontEnd}:${code}`, `#enrol=${frontEnd}:${code}`, `enrol=${frontEnd}:${code}`, `${frontEnd}:${code}`, ` ${frontEnd}  ${code}\n`]) {
    assert.deepEqual(parseEnrolment(text), { frontEnd, code }, text);
  }
  for (const wrong of ["", frontEnd, code, `${code}:${frontEnd}`, `${frontEnd}:${code}:x`, `${frontEnd}:${hint}`]) assert.throws(() => parseEnrolment(wrong), mistake("code"), wrong);
});

test("words of a sheet that cannot be", () => {
  const words = Sheet.make(newId("vlt", "eu1", new Uint8Array(16)), new Uint8Array(16).fill(9)).toPaper("https://w.example").words;
  const swapped = [words[1], words[0], ...words.slice(2)].join(" ");
  const other = [...words.slice(0, 23), words[23] === "zoo" ? "zone" : "zoo"].join(" ");
  for (const text of ["", words.slice(1).join(" "), `${words.join(" ")} abandon`, words.join(" ").replace(words[3] ?? "", "symbolon"), other]) {
    assert.throws(() => Sheet.read("eu1", text), mistake("words"), text);
  }
  assert.ok(words[0] === words[1] || (() => { try { Sheet.read("eu1", swapped); return false; } catch { return true; } })());
  for (const text of ["https://w.example/recover#", "https://w.example/s/#AAAA", `https://w.example/recover#${secret}A`]) assert.throws(() => Sheet.read("eu1", text), mistake("link"), text);
});

const oneOf = (group: string): Necessity => ({ kind: "one_of", group });
const item = (path: string, necessity: Necessity, version: number | undefined): AskedItem => ({ path, necessity, version });
const asked = (items: readonly AskedItem[], languages = ["en"]): Asked => ({
  scanned: { session, link: parseLink(link), institution: { id: "", name: "" }, frontEnd: undefined, responseMode: "query", issued: 0, expires: 1 },
  words: languages.map((language) => ({ language, title: "", purpose: "", useStatement: "", disclaimer: "" })),
  items, purposeCode: "", frequency: { usesMax: 1, periodSeconds: undefined }, dataLifeSeconds: undefined, grantLifeSeconds: 1,
  coversFuture: false, delivery: "institution", allowedRegions: [],
});

test("everything has one of each group", () => {
  const all = asked([
    item("name", { kind: "required" }, 1), item("fax", oneOf("contact"), undefined), item("email", oneOf("contact"), 2),
    item("phone", oneOf("contact"), 1), item("passport", oneOf("proof"), 1), item("card", oneOf("proof"), 1),
    item("gender", { kind: "optional" }, 3), item("scan", { kind: "optional" }, undefined),
  ]);
  assert.deepEqual(everything(all), ["name", "email", "passport", "gender"]);
  assert.deepEqual(checkTicks(all, everything(all)), { missing: [], groups: [], stray: [] });
  assert.deepEqual(checkTicks(all, ["email", "phone", "scan", "other"]), { missing: ["name"], groups: ["contact", "proof"], stray: ["scan", "other"] });
});

test("the words that a person reads best", () => {
  const all = asked([], ["en", "de", "zh-Hans", "pt-BR"]);
  const language = (...wished: string[]) => wordsFor(all, wished).language;
  assert.equal(language("de-CH", "en"), "de");
  assert.equal(language("zh-CN"), "zh-Hans");
  assert.equal(language("zh"), "zh-Hans");
  assert.equal(language("fr", "PT-br"), "pt-BR");
  assert.equal(language("fr", "el"), "en");
  assert.equal(language(), "en");
});

test("events from pieces of any size", () => {
  const text = ': hello\n\nevent: code\nid: 0a\ndata: {"a":\ndata: 1}\r\n\r\n:\n\ndata:x\n\nid: 9\n\ndata: cut';
  const expected = [{ name: "code", id: "0a", data: '{"a":\n1}' }, { name: "", id: undefined, data: "x" }];
  for (const size of [1, 2, 7, text.length]) {
    const parser = new SseParser();
    const events = (text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).flatMap((piece) => parser.feed(piece));
    assert.deepEqual(events, expected, `in pieces of ${size}`);
  }
  assert.throws(() => new SseParser().feed("a".repeat((1 << 20) + 1)));
});

test("a proof is for one request", async () => {
  const pair = await newSigningKey();
  const jwk = await p256Public(pair);
  const holder = { signer: (message: Uint8Array) => sign(pair.privateKey, message), jwk, token: `dtk_eu1_${secret}` };
  const proof = await prove(holder, "POST", "https://node.example/v1/x?cursor=a#b", "nonce", 1_800_000_000_999);
  const [head = "", body = "", signature = ""] = proof.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  assert.deepEqual(read(head), { typ: "dpop+jwt", alg: "ES256", jwk });
  const { jti, ...claims } = read(body);
  assert.deepEqual(claims, { htm: "POST", htu: "https://node.example/v1/x", iat: 1_800_000_000, ath: digestOf(utf8(holder.token)), nonce: "nonce" });
  assert.equal(fromBase64url(String(jti))?.length, 16);
  assert.ok(await verify(jwk, utf8(`${head}.${body}`), fromBase64url(signature) ?? new Uint8Array()));
  const bare = await prove({ ...holder, token: undefined }, "GET", "https://node.example/", undefined, 0);
  assert.deepEqual(Object.keys(read(bare.split(".")[1] ?? "")).sort(), ["htm", "htu", "iat", "jti"]);
});

test("a code that is drawn can be read", () => {
  const { size, path } = qrCode(link);
  const scale = 4;
  const data = new Uint8ClampedArray(size * size * scale * scale * 4).fill(255);
  for (const [, x = "", y = "", width = ""] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      const start = (row * size * scale + Number(x) * scale) * 4;
      for (let at = start; at < start + Number(width) * scale * 4; at += 4) data.fill(0, at, at + 3);
    }
  }
  assert.equal(decodeQR({ width: size * scale, height: size * scale, data }), link);
});
