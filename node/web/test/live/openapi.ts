// The shapes of api.ts against the node's own description of its API: every name is there, what
// is read is always sent, and what must be sent is never left out.

import assert from "node:assert/strict";

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** What pages send; all other shapes are what they get. */
const SENT = ["CreateAccount", "JoinVault", "DeviceRegistration", "WebAuthnRegistration", "WebAuthnAssertion", "SignedCommand", "CommitManifest", "ApproveSession", "EnrolFrontEnd", "OpenSession", "TypeNumber"];
/** What goes both ways. */
const BOTH = ["ItemEntry", "VaultRecovery"];
/** Names of ours that the node has under another. */
const RENAMED: Readonly<Record<string, string>> = { ProblemDocument: "Problem" };

export function checkApi(document: object, shapes: Readonly<Record<string, unknown>>): void {
  const schemas = (document as { components: { schemas: Record<string, Schema> } }).components.schemas;
  let checked = 0;
  for (const [ours, shape] of Object.entries(shapes)) {
    const members = (shape as { members?: Readonly<Record<string, unknown>> }).members;
    if (members === undefined) continue;
    const name = RENAMED[ours] ?? ours;
    const schema = schemas[name];
    assert.ok(schema?.properties, `the node knows no ${name}`);
    const unknown = Object.keys(members).filter((member) => !(member in (schema.properties ?? {})));
    assert.deepEqual(unknown, [], `${name} has no such members`);
    const [always, needed] = [Object.keys(members).filter((member) => typeof members[member] === "function"), schema.required ?? []];
    const [isSent, isGot] = [SENT.includes(name) || BOTH.includes(name), !SENT.includes(name)];
    if (isGot) assert.deepEqual(always.filter((member) => !needed.includes(member)), [], `${name}: may be missing`);
    if (isSent) assert.deepEqual(needed.filter((member) => !always.includes(member)), [], `${name}: must be sent`);
    checked++;
  }
  assert.ok(checked >= 29, `only ${checked} shapes were looked at`);
}
