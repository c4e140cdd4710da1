// The institution's own API, as its console reads it. The browser shows the institution's
// certificate; there is no other credential, and nothing is kept here.

import { delivery, endReason, grantState, stage } from "../core/api.ts";
import { p256, x25519 } from "../core/crypto/keys.ts";
import { type Infer, count, digest, flag, id, list, oneOf, optional, path, struct, text, time, variant } from "../core/shape.ts";

const institutionState = oneOf("pending", "approved", "refused", "suspended");
export const InstitutionView = struct({
  id: id("ins"), name: text, dns_name: text, state: institutionState, since: time, webhook: optional(text),
  redirect_uris: list(text), signing_key: p256, hpke_key: x25519,
  certificate: optional(struct({ thumbprint: digest, dns_names: list(text), expires: time })),
});
export type InstitutionView = Infer<typeof InstitutionView>;

/** Where the pages for screens are, as the cluster says. */
export const Cluster = struct({ issuer: text, region: text, partner_origin: text });
export type Cluster = Infer<typeof Cluster>;

const offerState = oneOf("proposed", "approved", "refused", "withdrawn");
export const OfferView = struct({
  id: id("off"), hash: digest, state: offerState, title: text, expires: optional(time), created: time, document: optional(text),
});
export type OfferView = Infer<typeof OfferView>;

export const FrontEndView = struct({
  id: id("fre"), name: text, place: text, state: oneOf("invited", "enrolled", "removed"), sessions_max: count,
});
export type FrontEndView = Infer<typeof FrontEndView>;

export const Invitation = struct({ front_end: id("fre"), enrolment_code: text });
export type Invitation = Infer<typeof Invitation>;

export const WebhookStatus = struct({
  url: text, delivered: optional(text), delivered_at: optional(time), failures: count, last_error: optional(text),
});
export type WebhookStatus = Infer<typeof WebhookStatus>;

export const GrantView = struct({
  id: id("grt"), offer: id("off"), session: id("ses"), statement_hash: digest, state: grantState, paths: list(path),
  purpose: text, delivery, covers_future: flag, uses_max: count, period_seconds: optional(count), uses: count,
  last_use: optional(time), chain: digest, created: time, expires: time,
  authentication: struct({ amr: list(text), acr: text, auth_time: time }),
});
export type GrantView = Infer<typeof GrantView>;

/** What the institution is told; of a code only that there was one, and for which grant. */
export const EventBody = variant({
  session: struct({ session: id("ses"), stage, end: optional(endReason) }),
  code: struct({ session: id("ses"), grant: id("grt") }),
  grant: struct({ grant: id("grt"), state: grantState, uses: count, chain: digest }),
  offer: struct({ offer: id("off"), state: offerState }),
  asked: struct({ front_end: id("fre") }),
});
export type EventBody = Infer<typeof EventBody>;
