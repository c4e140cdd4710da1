// A keyboard-wedge scanner is told from a person, whatever the keyboard's layout.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Heard, type Keystroke, WedgeScanner, usKey } from "../src/front-end/scanner.ts";

const LINK = "https://wallet.example/h#hnt_eu1_AZaz09-_";

// Where a US keyboard has what is typed.
const places = new Map<string, { code: string; shiftKey: boolean }>();
const codes = [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").map((letter) => `Key${letter}`),
  ..."0123456789".split("").map((digit) => `Digit${digit}`),
  "Minus", "Equal", "Semicolon", "Quote", "Comma", "Period", "Slash",
];
for (const code of codes) for (const shiftKey of [false, true]) places.set(usKey(code, shiftKey), { code, shiftKey });

/** The keystrokes of a text, and what they appear as where the layout is another. */
function strokes(text: string, apart: number, layout: (key: string) => string = (key) => key): Keystroke[] {
  const keys = [...text].map((key, place) => {
    const at = places.get(key);
    assert.ok(at, `no key for ${key}`);
    return { key: layout(key), ...at, at: 1_000 + place * apart };
  });
  return [...keys, { key: "Enter", code: "Enter", shiftKey: false, at: 1_000 + text.length * apart }];
}

function hear(scanner: WedgeScanner, typed: readonly Keystroke[]): Heard {
  let last: Heard = { kind: "key" };
  for (const stroke of typed) last = scanner.hear(stroke);
  return last;
}

test("a scanner is heard", () => {
  assert.deepEqual(hear(new WedgeScanner(), strokes(LINK, 4)), { kind: "scan", readings: [LINK] });
});

test("so is the next one", () => {
  const scanner = new WedgeScanner();
  hear(scanner, strokes(LINK, 4));
  const again = strokes(LINK, 4).map((stroke) => ({ ...stroke, at: stroke.at + 10_000 }));
  assert.deepEqual(hear(scanner, again), { kind: "scan", readings: [LINK] });
});

test("another layout, and an input method that swallows the keys", () => {
  const german = (key: string) => ({ z: "y", y: "z", Z: "Y", ":": "Ö", "/": "-", "#": "§", "-": "ß", _: "?" })[key] ?? key;
  const read = hear(new WedgeScanner(), strokes(LINK, 4, german));
  assert.ok(read.kind === "scan" && read.readings.length === 2 && read.readings[1] === LINK);
  assert.deepEqual(hear(new WedgeScanner(), strokes(LINK, 4, () => "Process")), { kind: "scan", readings: [LINK] });
});

test("a person who types is no scanner, nor is a short code", () => {
  assert.deepEqual(hear(new WedgeScanner(), strokes(LINK, 300)), { kind: "key" });
  assert.deepEqual(hear(new WedgeScanner(), strokes("12345678901", 4)), { kind: "key" });
  assert.equal(hear(new WedgeScanner(), strokes("123456789012", 4)).kind, "scan");
});

test("the first keys are anybody's, the later ones the scanner's", () => {
  const scanner = new WedgeScanner();
  const kinds = strokes("123456789", 4).slice(0, -1).map((stroke) => scanner.hear(stroke).kind);
  assert.deepEqual(kinds, [...Array<string>(4).fill("key"), ...Array<string>(5).fill("scanning")]);
});

test("what was typed slowly before does not belong to the code", () => {
  const scanner = new WedgeScanner();
  scanner.hear({ key: "7", code: "Digit7", shiftKey: false, at: 0 });
  assert.deepEqual(hear(scanner, strokes(LINK, 4)), { kind: "scan", readings: [LINK] });
});

test("keys without end are bounded", () => {
  const scanner = new WedgeScanner();
  const read = hear(scanner, strokes("a".repeat(2_000), 1));
  assert.ok(read.kind === "scan" && read.readings.every((reading) => reading.length <= 512));
});
