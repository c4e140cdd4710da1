// Every refusal in plain words: what happened, whose side it is on, what to do now.
import { catalogue, type Language } from "./catalogue.ts";
import { problems as en } from "./en/problems.ts";
import { shared } from "./shared.ts";
import { problems as zhHans } from "./zh-Hans/problems.ts";

const problems = catalogue(en, zhHans);

export type Side = keyof (typeof shared)["en"]["sides"];
type Text = keyof typeof en;

/** The node's stable codes: which words, and whose side. */
const codes: Readonly<Record<string, readonly [Text, Side]>> = {
  not_found: ["notFound", "nobody"],
  forbidden: ["forbidden", "page"],
  already_exists: ["exists", "page"],
  wrong_state: ["changed", "nobody"],
  invalid_request: ["misunderstood", "page"],
  idempotency_mismatch: ["misunderstood", "page"],
  vault_full: ["vaultFull", "you"],
  limit_reached: ["limit", "you"],
  bad_signature: ["badSignature", "page"],
  user_verification_required: ["notVerified", "you"],
  institution_not_approved: ["institutionNotApproved", "institution"],
  offer_not_approved: ["offerNotApproved", "institution"],
  offer_expired: ["offerExpired", "institution"],
  offer_signed_by_another: ["offerNotApproved", "institution"],
  path_not_in_offer: ["misunderstood", "page"],
  required_item_missing: ["requiredMissing", "you"],
  alternatives_not_one: ["oneOfEach", "you"],
  selection_mismatch: ["misunderstood", "page"],
  session_expired: ["sessionExpired", "nobody"],
  session_claimed: ["sessionClaimed", "nobody"],
  session_ended: ["sessionEnded", "nobody"],
  wrong_number: ["wrongNumber", "you"],
  number_required: ["numberRequired", "you"],
  wrong_response_mode: ["misunderstood", "institution"],
  invalid_hint: ["invalidHint", "nobody"],
  asked_too_soon: ["askedTooSoon", "nobody"],
  invalid_grant: ["invalidCode", "nobody"],
  invalid_client: ["unknownCaller", "page"],
  invalid_token: ["signedOut", "nobody"],
  grant_paused: ["paused", "person"],
  grant_revoked: ["takenBack", "person"],
  grant_expired: ["lendingOver", "nobody"],
  device_revoked: ["deviceRevoked", "person"],
  authenticator_copied: ["copied", "you"],
  recovery_refused: ["sheetRefused", "you"],
  vault_gone: ["vaultGone", "person"],
  manifest_conflict: ["changed", "nobody"],
  rule_denied: ["ruleDenied", "institution"],
  step_up_required: ["stepUp", "you"],
  no_such_route: ["misunderstood", "page"],
  method_not_allowed: ["misunderstood", "page"],
  unsupported_media_type: ["misunderstood", "page"],
  malformed_body: ["misunderstood", "page"],
  malformed_parameter: ["misunderstood", "page"],
  precondition_required: ["misunderstood", "page"],
  digest_mismatch: ["brokenOnTheWay", "network"],
  too_large: ["tooLarge", "you"],
  certificate_required: ["certificate", "you"],
  cross_site: ["misunderstood", "page"],
  invalid_dpop_proof: ["clock", "page"],
  use_dpop_nonce: ["misunderstood", "page"],
  busy: ["busy", "service"],
  contended: ["busy", "service"],
  stopping: ["stopping", "service"],
  timed_out: ["timedOut", "service"],
  internal: ["failed", "service"],
  store_unavailable: ["readOnly", "service"],
  store_failed: ["failed", "service"],
  headers_too_large: ["tooLarge", "you"],
  body_too_large: ["tooLarge", "you"],
  body_too_slow: ["brokenOnTheWay", "network"],
  body_cut: ["brokenOnTheWay", "network"],
  handler_timeout: ["timedOut", "service"],
  internal_error: ["failed", "service"],
  bad_answer: ["misunderstood", "service"],
};

/** What this page itself does not believe, or cannot take. */
const refusals: Readonly<Record<string, Readonly<Record<string, readonly [Text, Side]>>>> = {
  Untrusted: {
    root_changed: ["rootChanged", "doubt"],
    keys_uncertified: ["keysUncertified", "doubt"],
    statement_signature: ["statementForged", "doubt"],
    thumbprint: ["codeTampered", "doubt"],
    statement_content: ["statementForged", "doubt"],
    statement_expired: ["sessionExpired", "nobody"],
    foreign_origin: ["foreignOrigin", "doubt"],
    offer: ["offerForged", "doubt"],
    manifest_older: ["vaultOlder", "doubt"],
    manifest_forked: ["vaultOlder", "doubt"],
    manifest_unsigned: ["vaultOlder", "doubt"],
    manifest_items: ["vaultOlder", "doubt"],
    object: ["objectChanged", "doubt"],
    chain: ["chainBroken", "doubt"],
    answer: ["misunderstood", "service"],
  },
  NoUserVerification: {
    cancelled: ["verifyCancelled", "you"],
    unsupported: ["verifyUnsupported", "you"],
    insecure: ["insecure", "you"],
  },
  BadInput: {
    link: ["notACode", "you"],
    code: ["notACode", "you"],
    words: ["wrongWords", "you"],
    other_sheet: ["otherSheet", "you"],
    path: ["badPath", "you"],
    media_type: ["misunderstood", "page"],
    too_many: ["tooMany", "you"],
    name: ["badName", "you"],
    tick: ["notInVault", "you"],
    untick: ["requiredMissing", "you"],
    language: ["noLanguage", "institution"],
    unknown: ["notFound", "nobody"],
    exists: ["walletExists", "nobody"],
    unsupported: ["unsupported", "you"],
  },
  Unreachable: { "": ["offline", "network"] },
};

/** What a screen shows of an error. */
export interface Told {
  readonly title: string;
  /** Whose side it is on. */
  readonly side: string;
  /** What to do now. */
  readonly todo: string;
  /** For who looks after the service. */
  readonly code: string;
  readonly trace: string | undefined;
  /** When another try makes sense, milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** All codes of a node that have words of their own: a test compares them with the node's. */
export const knownCodes: readonly string[] = Object.keys(codes);

/** Any error in the words of a language. */
export function tell(error: unknown, language: Language): Told {
  const words = problems[language];
  const sides = shared[language].sides;
  const of = error as Partial<{ name: string; code: string; reason: string; title: string; detail: string; locus: string; traceId: string; retryAfterMs: number }> | undefined;
  const name = of?.name ?? "";
  const code = of?.code ?? of?.reason ?? "";
  const found = name === "Problem" ? codes[code] : refusals[name]?.[code] ?? refusals[name]?.[""];
  const rest = { code: code || name || "unknown", trace: of?.traceId, retryAfterMs: of?.retryAfterMs };
  if (found) {
    const [text, side] = found;
    return { ...words[text], side: sides[side], ...rest };
  }
  if (name === "Problem" && of?.title) {
    const side: Side = of.locus === "institution" || of.locus === "rule" ? "institution"
      : of.locus === "subject" ? "person" : of.locus === "client" ? "page" : "service";
    return { title: of.title, todo: of.detail ?? words.unknown.todo, side: sides[side], ...rest };
  }
  return { ...words.unknown, side: sides.page, ...rest };
}
