// Every code of the node has words of its own on the pages, and every text is in all languages.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { languages } from "../src/texts/catalogue.ts";
import { country, day, duration } from "../src/texts/format.ts";
import { groupOf, itemName, itemNames } from "../src/texts/items.ts";
import { knownCodes, tell } from "../src/texts/problem.ts";
import { oneLine, shownFile, shownJson } from "../src/texts/values.ts";
import { Problem, Unreachable, Untrusted } from "../src/core/problem.ts";

/** The codes as the node's own tables have them. */
async function nodeCodes(): Promise<string[]> {
  const read = (path: string) => readFile(`../../${path}`, "utf8");
  const tables = [await read("domain/src/rejection.rs"), await read("node/src/http/trouble.rs")];
  const rows = tables.flatMap((it) => [...it.matchAll(/^ {4}[A-Z]\w+ = "([a-z_]+)", \d{3}, /gm)].map((found) => found[1] ?? ""));
  const listener = (await read("node/src/listen/problem.rs")).matchAll(/=> \(\s+"([a-z_]+)"/g);
  return [...rows, ...[...listener].map((found) => found[1] ?? "")];
}

test("every code of the node has plain words", async () => {
  const codes = await nodeCodes();
  assert.ok(codes.length >= 60, `only ${codes.length} codes were found in the node's tables`);
  assert.deepEqual(codes.filter((it) => !knownCodes.includes(it)), []);
  for (const language of languages) {
    const plain = tell(new Error("x"), language);
    for (const code of codes) {
      const told = tell(new Problem(code, "Title", "Detail", "client", 400, undefined, "trace"), language);
      assert.ok(told.title && told.todo && told.side, code);
      assert.notEqual(told.title, plain.title, code);
    }
  }
});

test("a code that is not known yet is told in the node's own words", () => {
  const told = tell(new Problem("brand_new", "Something new", "Do this", "institution", 400, undefined, "t1"), "en");
  assert.deepEqual([told.title, told.todo, told.code, told.trace], ["Something new", "Do this", "brand_new", "t1"]);
});

test("what this page does not believe has words too", () => {
  assert.equal(tell(new Untrusted("thumbprint"), "en").title, "This code was changed");
  assert.equal(tell(new Untrusted("thumbprint"), "zh-Hans").title, "这个码被改动过");
  assert.equal(tell(new Unreachable(), "en").title, "There is no connection");
});

test("items have names, known or made readable", () => {
  assert.equal(itemName("oidc.birthdate", "en"), "Date of birth");
  assert.equal(itemName("ida.claims.given_name", "en"), "Given name, as checked");
  assert.equal(itemName("tax_number.main", "en"), "Tax number · Main");
  assert.equal(itemName("oidc.birthdate", "zh-Hans"), "出生日期");
  assert.deepEqual(itemNames(["oidc.name", "oidc.birthdate"], "en"), ["Full name", "date of birth"]);
  assert.deepEqual(["oidc.name", "oidc.email", "ida.claims.nationalities", "documents.lease", "tax_number"].map(groupOf), [
    "you", "contact", "identity", "documents", "other",
  ]);
});

test("values are written as people read them", () => {
  const line = (path: string, value: unknown) => oneLine(shownJson(path, value, "en"));
  assert.equal(day("1985-12-10", "zh-Hans"), "1985年12月10日");
  assert.match(line("oidc.birthdate", "1985-12-10"), /10 December 1985|December 10, 1985/);
  assert.equal(line("oidc.email_verified", true), "Yes");
  assert.equal(line("ida.claims.nationalities", ["GB", "FR"]), "United Kingdom and France");
  assert.equal(line("oidc.address.formatted", "12 St James's Square\nLondon"), "12 St James's Square, London");
  const passport = { type: "passport", issuer: { country: "GB" }, document_number: "5" };
  assert.equal(line("ida.verification.evidence", [{ type: "document", document_details: passport }]), "Document · Passport · United Kingdom · 5");
  assert.equal(country("nowhere", "en"), "nowhere");
  assert.equal(oneLine(shownFile("application/pdf", 200_000, "en")), "PDF document, 200 kB");
  assert.deepEqual([315_360_000, 86_400, 600].map((it) => duration(it, "en")), ["10 years", "1 day", "10 minutes"]);
});
