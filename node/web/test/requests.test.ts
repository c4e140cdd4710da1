// What the console tells from the institution's events.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../src/core/id.ts";
import { EventBody } from "../src/console/api.ts";
import { addAll, isRunning, newestFirst, none } from "../src/console/requests.ts";
import { routeOf } from "../src/console/route.ts";

const digest = "A".repeat(43);
const [one, two, grant] = [newId("ses", "eu1"), newId("ses", "eu1"), newId("grt", "eu1")];
const told = (at: number, body: unknown) => ({ at, body: EventBody(body) });

test("sessions, what they led to, and uses", () => {
  const known = addAll(none, [
    told(1, { session: { session: one, stage: "pushed" } }),
    told(2, { session: { session: two, stage: "open" } }),
    told(3, { session: { session: one, stage: "ended", end: "approved" } }),
    told(3, { code: { session: one, grant, handle: "secret", sealed_half: "AAAA", statement_hash: digest, expires: "2026-11-24T14:00:00Z" } }),
    told(4, { grant: { grant, state: "active", uses: 1, chain: digest } }),
  ]);
  assert.deepEqual(newestFirst(known).map((it) => it.session), [one, two]);
  const [first, second] = newestFirst(known);
  assert.ok(first && second && !isRunning(first) && isRunning(second));
  assert.equal(first.grant, grant);
  assert.deepEqual(first.steps.map((it) => it.at), [1, 3]);
  assert.equal(known.grants.get(grant)?.at(-1)?.uses, 1);
  assert.ok(!JSON.stringify([...known.sessions]).includes("secret"), "a code's halves are not kept");
});

test("only so many are kept, the newest", () => {
  const many = Array.from({ length: 1_500 }, (_, at) => told(at, { session: { session: newId("ses", "eu1"), stage: "open" } }));
  const known = addAll(none, many);
  assert.equal(known.sessions.size, 1_000);
  assert.equal(newestFirst(known).at(-1)?.steps[0]?.at, 500);
});

test("addresses of views", () => {
  assert.deepEqual(routeOf("#/grants/grt_eu1_x"), { section: "grants", id: "grt_eu1_x" });
  assert.deepEqual(routeOf("#/offers"), { section: "offers", id: undefined });
  for (const other of ["", "#", "#/nothing", "#/grants/../x", "#/grants/<b>"]) assert.deepEqual(routeOf(other), { section: "overview", id: undefined });
});
