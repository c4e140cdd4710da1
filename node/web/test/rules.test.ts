// The house's rules for the pages' source, read from the source: what the page's policy would
// refuse in the browser is refused here first, and types hold everywhere.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const LINES_MAX = 450;

const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  "text that becomes markup or script": /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc)\b|\bdocument\.write|\beval\(|\bnew Function\b/,
  "a type that is none": /(:|<|\bas|\|)\s*any\b(?! [a-z])|\bany\[\]/,
  "a check that is switched off": /@ts-(ignore|expect-error|nocheck)/,
  "cookies": /\bdocument\.cookie\b|\bcookieStore\b/,
  "a foreign origin": /\bfrom "https?:|import\("https?:|fetch\("https?:/,
  "something left from looking": /\bconsole\.(log|debug|trace)\b|\bdebugger\b/,
};

function* sources(folder: string): Generator<string, void, void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

// Texts for people hold any word.
const code = [...sources("src")].filter((path) => !path.startsWith(join("src", "texts")));

test("the source keeps the rules", () => {
  assert.ok(code.length > 50, "the source is somewhere else");
  for (const path of code) {
    const lines = readFileSync(path, "utf8").split("\n");
    assert.ok(lines.length <= LINES_MAX, `${path} has more than ${LINES_MAX} lines`);
    for (const [number, line] of lines.entries()) {
      const words = line.replace(/^\s*(\/\/|\*|\/\*).*$/, "").replace(/\s\/\/ .*$/, "");
      for (const [what, pattern] of Object.entries(FORBIDDEN)) {
        assert.ok(!pattern.test(words), `${path}:${number + 1}: ${what}: ${line.trim()}`);
      }
    }
  }
});

test("the rules are seen to refuse", () => {
  const wrong = ["it.innerHTML = text", "const x: any = 1", "x as any", "// @ts-ignore", "document.cookie = 1", 'import("https://x")', "console.log(x)", "eval(x)"];
  for (const line of wrong) assert.ok(Object.values(FORBIDDEN).some((pattern) => pattern.test(line)), line);
});
