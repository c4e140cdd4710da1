// What the phone's page decides by itself: what is ticked, what is missing, what is stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asked, Necessity, Scanned, SessionView, StoredItem } from "../src/core/wallet.ts";
import { Problem, Unreachable } from "../src/core/problem.ts";
import { endOf, mayPass, openUntil, phaseOf } from "../src/phone/consent/phase.ts";
import { firstTicks, keepTicks, missing, withTick } from "../src/phone/consent/ticks.ts";
import { finished, getAt, kindOf, kindOfStored, setAt, wrongIn } from "../src/phone/items/kinds.ts";
import { addressItems, newItem, pathOfName } from "../src/phone/items/new-items.ts";
import { deviceNameKind } from "../src/phone/enrol/device-name.ts";
import { isAddress } from "../src/phone/support.ts";

const scanned = { session: "ses_1", issued: 1_000, expires: 721_000 } as Scanned;

function asked(items: [path: string, necessity: Necessity, version: number | undefined][]): Asked {
  return { scanned, items: items.map(([path, necessity, version]) => ({ path, necessity, version })) } as unknown as Asked;
}
const required: Necessity = { kind: "required" };
const optional: Necessity = { kind: "optional" };
const oneOf = (group: string): Necessity => ({ kind: "one_of", group });
const item = (of: Asked, path: string) => of.items.find((it) => it.path === path) ?? assert.fail(path);

test("what can be left out is never ticked by itself", () => {
  const all = asked([["name", required, 1], ["birthdate", required, undefined], ["email", oneOf("contact"), 1], ["phone", oneOf("contact"), 1], ["gender", optional, 1]]);
  assert.deepEqual(firstTicks(all), ["name"]);
  const only = asked([["name", required, 1], ["email", oneOf("contact"), undefined], ["phone", oneOf("contact"), 1]]);
  assert.deepEqual(firstTicks(only), ["name", "phone"]);
});

test("of a group exactly one is ticked, in the order in which it was asked", () => {
  const all = asked([["name", required, 1], ["email", oneOf("contact"), 1], ["phone", oneOf("contact"), 1], ["card", oneOf("proof"), 1]]);
  const one = withTick(all, ["card", "name"], item(all, "phone"));
  assert.deepEqual(one, ["name", "phone", "card"]);
  assert.deepEqual(withTick(all, one, item(all, "email")), ["name", "email", "card"]);
});

test("ticks outlive a change of the vault, but not their item", () => {
  const after = asked([["name", required, 1], ["email", oneOf("contact"), 2], ["phone", oneOf("contact"), 1], ["gender", optional, undefined]]);
  assert.deepEqual(keepTicks(after, ["name", "gender", "phone", "email", "stray"]), ["name", "email"]);
});

test("what must be added is told apart from what may be", () => {
  const all = asked([["name", required, undefined], ["email", oneOf("contact"), undefined], ["phone", oneOf("contact"), undefined], ["card", oneOf("proof"), 1], ["passport", oneOf("proof"), undefined], ["gender", optional, undefined]]);
  const found = missing(all);
  assert.deepEqual(found.needed.map((it) => it.path), ["name"]);
  assert.deepEqual(found.alternatives.map(({ group, items }) => [group, items.length]), [["contact", 2]]);
  assert.deepEqual(found.optional.map((it) => it.path), ["passport", "gender"]);
});

test("the session's stage is the screen", () => {
  const view = (stage: SessionView["stage"], end?: SessionView["end"]) => ({ stage, end }) as SessionView;
  assert.deepEqual((["open", "claimed", "confirmed", "ended"] as const).map((it) => phaseOf(scanned, view(it)).at), ["session", "number", "opening", "ended"]);
  assert.deepEqual(phaseOf(scanned, view("ended", "wrong_number")), { at: "ended", reason: "wrong_number" });
  assert.equal(openUntil(scanned), 121_000);
});

test("only what may pass can be tried again", () => {
  const problem = (code: string, status: number) => new Problem(code, "", "", "client", status, undefined, "");
  assert.deepEqual([new Unreachable(), problem("busy", 503), problem("session_ended", 410), new Error()].map(mayPass), [true, true, false, false]);
  assert.deepEqual(["session_expired", "wrong_number", "session_claimed"].map((it) => endOf(problem(it, 410))), ["expired", "wrong_number", undefined]);
});

test("a part of a value is changed, and nothing beside it", () => {
  const before = [{ type: "document", check_details: [1], document_details: { type: "passport", issuer: { country: "GB" } } }];
  const after = setAt(before, [0, "document_details", "issuer", "country"], "FR");
  assert.deepEqual(after, [{ type: "document", check_details: [1], document_details: { type: "passport", issuer: { country: "FR" } } }]);
  assert.equal(getAt(before, [0, "document_details", "issuer", "country"]), "GB");
  assert.deepEqual(setAt(undefined, [0, "country"], "GB"), [{ country: "GB" }]);
});

test("what is stored is what institutions expect", () => {
  const text = (it: { value: Uint8Array }) => new TextDecoder().decode(it.value);
  const evidence = kindOf("ida.verification.evidence");
  const filled = setAt(undefined, [0, "document_details", "document_number"], " 5 ");
  assert.deepEqual(finished(evidence, setAt(filled, [0, "document_details", "type"], "")), [{ type: "document", document_details: { document_number: "5" } }]);
  assert.equal(text(newItem("oidc.name", kindOf("oidc.name"), { json: " Ada " })), '"Ada"');
  assert.equal(text(newItem("ida.claims.nationalities", kindOf("ida.claims.nationalities"), { json: ["GB"] })), '["GB"]');
  const address = addressItems("oidc.address", kindOf("oidc.address"), { json: { street_address: "12 St James's Square", postal_code: "SW1Y 4JH", locality: "London" } });
  assert.deepEqual(address.map((it) => it.path), ["oidc.address.street_address", "oidc.address.postal_code", "oidc.address.locality", "oidc.address.formatted"]);
  assert.equal(text(address[3] ?? assert.fail()), JSON.stringify("12 St James's Square\nSW1Y 4JH London"));
});

test("what cannot be is told before it is stored", () => {
  const wrong = (path: string, json: unknown) => wrongIn(kindOf(path), { json });
  assert.deepEqual([wrong("oidc.email", "ada"), wrong("oidc.email", "ada@ada.example"), wrong("oidc.phone_number", "020"), wrong("oidc.phone_number", "+44 20 7946 0018")], ["email", undefined, "tel", undefined]);
  assert.deepEqual([wrong("oidc.birthdate", "10.12.1985"), wrong("oidc.name", " "), wrong("ida.claims.nationalities", [])], ["date", "empty", "empty"]);
  assert.equal(wrongIn({ kind: "file" }, undefined), "empty");
});

test("an item that does not fit its usual form is changed in its own", () => {
  const stored = (path: string, json: unknown) => ({ path, mediaType: "application/json", value: new TextEncoder().encode(JSON.stringify(json)) }) as unknown as StoredItem;
  assert.deepEqual(["1985-12-10", "December 1985"].map((it) => kindOfStored(stored("oidc.birthdate", it)).kind), ["date", "text"]);
  assert.deepEqual([["GB"], ["GB", "FR"]].map((it) => kindOfStored(stored("ida.claims.nationalities", it)).kind), ["only", "raw"]);
  assert.equal(kindOfStored({ ...stored("x", 1), mediaType: "image/png" }).kind, "file");
});

test("a name of the person's own is a path, or is refused", () => {
  assert.deepEqual(["Tax number", "  Ärzte & Co ", "税号", "symbolon paths"].map(pathOfName), ["tax_number", "arzte_co", undefined, undefined]);
});

test("what the page knows of its place", () => {
  assert.deepEqual(["localhost", "127.0.0.1", "[::1]", "laptop.local"].map(isAddress), [false, true, true, false]);
  assert.equal(deviceNameKind("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)"), "iphone");
});
