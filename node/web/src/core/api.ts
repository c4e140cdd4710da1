// The wire types that pages send and get (domain/src/api): the TypeScript type and the check
// at run time in one. A test holds the names and what must be there against /openapi.json.

import { p256, x25519 } from "./crypto/keys.ts";
import {
  type Infer, bytes, count, digest, either, flag, id, list, oneOf, optional, path, struct, text, time, variant,
} from "./shape.ts";

// --- Errors

export const ProblemDocument = struct({
  type: text, title: text, status: count, detail: text, code: text,
  locus: oneOf("client", "institution", "subject", "rule", "node", "store"),
  retry_after_ms: optional(count), trace_id: text,
});

// --- The cluster

export const Cluster = struct({
  issuer: text, wallet_origin: text, region: text, rp_id: text, keys: text, root: p256, partner_origin: text,
});
export type Cluster = Infer<typeof Cluster>;

// --- Sessions

export const stage = oneOf("pushed", "open", "claimed", "confirmed", "ended");
export const endReason = oneOf("approved", "denied", "expired", "wrong_number", "cancelled");
export const responseMode = oneOf("symbolon.session", "symbolon.scan", "query");

export const SessionView = struct({
  id: id("ses"), stage, end: optional(endReason), response_mode: responseMode, expires: time,
  number: optional(text), grant: optional(id("grt")), invited: optional(flag),
});
export type SessionView = Infer<typeof SessionView>;

export const SessionOffer = struct({
  offer: text, request: digest, paths: list(path), state: optional(text), redirect_uri: optional(text),
});

// --- Devices

export const WebAuthnRegistration = struct({
  credential_id: bytes(), client_data: bytes(), authenticator_data: bytes(), amr: list(text),
});

export const WebAuthnAssertion = struct({
  credential_id: bytes(), client_data: bytes(), authenticator_data: bytes(), signature: bytes(),
});

export const DeviceRegistration = struct({
  name: text, signing_key: p256, hpke_key: x25519, registration: WebAuthnRegistration,
});

export const SignedCommand = struct({ command: text, assertion: optional(WebAuthnAssertion) });

/** What the vault keeps for its recovery sheet. */
export const VaultRecovery = struct({ key: p256, wrap: bytes(80) });

export const CreateAccount = struct({
  vault: id("vlt"), device: id("dev"), registration: DeviceRegistration, recovery: optional(VaultRecovery),
});

export const JoinVault = struct({
  vault: id("vlt"), device: id("dev"), registration: DeviceRegistration, approval: SignedCommand,
});

export const DeviceCredential = struct({ vault: id("vlt"), device: id("dev"), token: text });

/** On whose word a device came in. */
const admission = either(oneOf("first", "recovery"), variant({ device: id("dev") }));

export const DeviceView = struct({ id: id("dev"), name: text, revoked: flag, admitted: admission, created: time });
export type DeviceView = Infer<typeof DeviceView>;

export const LoginHint = struct({ hint: text, expires: time });

// --- The vault

export const ItemEntry = struct({
  item: digest, version: count, epoch: count, object: bytes(16), digest, size: count, salt: bytes(32),
  tombstone: optional(time),
});
export type ItemEntry = Infer<typeof ItemEntry>;

export const ManifestView = struct({ epoch: count, root: digest, commit: optional(text) });
export type ManifestView = Infer<typeof ManifestView>;

export const CommitManifest = struct({ commit: text, items: list(ItemEntry) });

// --- Consent

export const ApproveSession = struct({
  selection: text, assertion: WebAuthnAssertion, wraps: list(bytes()), code_wrap: bytes(), sealed_half: optional(bytes()),
});

export const ApprovedSession = struct({ grant: id("grt"), handle: text, code_expires: time });
export type ApprovedSession = Infer<typeof ApprovedSession>;

// --- Grants

export const grantState = oneOf("active", "paused", "revoked", "expired", "superseded");
export const delivery = oneOf("institution", "server");

export const GrantView = struct({
  id: id("grt"), institution: id("ins"), offer: id("off"), session: id("ses"), statement_hash: digest,
  state: grantState, paths: list(path), purpose: text, delivery, covers_future: flag, uses_max: count,
  period_seconds: optional(count), uses: count, last_use: optional(time), chain: digest,
  created: time, expires: time,
});
export type GrantView = Infer<typeof GrantView>;

export const UsedItem = struct({ item: digest, path: text, version: count, digest });

export const RecordFact = struct({
  kind: oneOf("given", "used", "moved"), at: time, state: optional(grantState), items: optional(list(UsedItem)),
});

export const RecordView = struct({
  sequence: count, leaf: bytes(32), salt: bytes(32), record: bytes(), fact: RecordFact,
});
export type RecordView = Infer<typeof RecordView>;

// --- Front ends

export const EnrolFrontEnd = struct({ enrolment_code: text });

export const FrontEndCredential = struct({ front_end: id("fre"), name: text, place: text, token: text });

export const OpenSession = struct({
  request_uri: optional(text), session: optional(id("ses")), login_hint_token: optional(text),
});

export const OpenedSession = struct({ session: SessionView, link: text, expires: time });

export const TypeNumber = struct({ number: text });

// --- Events

/** What pages make something of; others are known by their name alone. */
export const EventBody = variant({
  session: struct({ session: id("ses"), stage, end: optional(endReason) }),
  grant: struct({ grant: id("grt"), state: grantState, uses: count, chain: digest }),
  device: struct({ device: id("dev"), name: text, admitted: admission, revoked: flag }),
  recovery_renewed: struct({ device: id("dev") }),
  invited: struct({ device: id("dev"), session: id("ses"), thumbprint: bytes(16) }),
});

export const EventView = struct({ at: time, to: text, body: (value: unknown) => value });
