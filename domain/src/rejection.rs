//! Rejections: the caller asked for something that is not allowed.
//!
//! A rejection is a value that tests compare and that becomes the reply. Its code is
//! stable: clients rely on it. The world's failures are not here; they are
//! [`crate::port::Fault`].

use serde::{Deserialize, Serialize};

/// Who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locus {
    /// Whoever sent the request.
    Client,
    /// The institution in question.
    Institution,
    /// The person in question.
    Subject,
    /// A consent rule.
    Rule,
}

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $locus:ident, $title:literal, $help:literal;)*) => {
        /// Why not. The documentation of each is what its problem page says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Rejection { $($(#[$doc])* $name,)* }

        impl Rejection {
            /// Every rejection.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code, also the last segment of the problem's `type`.
            #[must_use]
            pub fn code(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The HTTP status that carries it.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }

            /// Whose fault it is.
            #[must_use]
            pub fn locus(self) -> Locus { match self { $(Self::$name => Locus::$locus,)* } }

            /// One line for people.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }

            /// What to do about it.
            #[must_use]
            pub fn help(self) -> &'static str { match self { $(Self::$name => $help,)* } }
        }
    };
}

rejections! {
    /// Nothing there, or nothing that the caller may know of.
    NotFound = "not_found", 404, Client, "There is no such thing, or it is not yours to see", "Check the id. What belongs to another is answered as if it did not exist.";
    /// The caller is somebody who may never do this.
    Forbidden = "forbidden", 403, Client, "This is not yours to do", "Use the credential of the institution, front end or device that owns it.";
    /// The entity exists already.
    AlreadyExists = "already_exists", 409, Client, "It exists already", "Use the existing one, or choose a new id.";
    /// The entity is not in a state in which this can be done.
    WrongState = "wrong_state", 409, Client, "It is not in a state that allows this", "Read it again and act on what it is now.";
    /// A field has a value that cannot be.
    InvalidRequest = "invalid_request", 400, Client, "The request does not make sense", "Compare it with /openapi.json; the detail names the field.";
    /// The idempotency key was used with another body.
    IdempotencyMismatch = "idempotency_mismatch", 422, Client, "The Idempotency-Key was used for another request", "Send the same body again, or choose a new key for the new request.";
    /// The vault's objects take all the room that they may.
    VaultFull = "vault_full", 413, Subject, "The vault is full", "Delete what is no longer needed, or ask the operator for more room.";
    /// A bound was reached.
    LimitReached = "limit_reached", 429, Client, "A limit is reached", "Finish or remove something, or ask the operator for a higher limit.";
    /// Signature, key or thumbprint does not fit.
    BadSignature = "bad_signature", 403, Client, "A signature does not verify", "Sign the bytes as sent with the key that was registered.";
    /// Approving needs the person, not only the device.
    UserVerificationRequired = "user_verification_required", 403, Client, "The person must confirm this on the device", "Send a WebAuthn assertion with user verification over the SHA-256 of the signed bytes.";

    /// The operator has not approved the institution.
    InstitutionNotApproved = "institution_not_approved", 403, Institution, "The operator has not approved this institution", "Ask the operator to approve it.";
    /// The operator has not approved the offer.
    OfferNotApproved = "offer_not_approved", 403, Institution, "The operator has not approved this offer", "Ask the operator to approve it.";
    /// The offer's time is over.
    OfferExpired = "offer_expired", 410, Institution, "The offer has expired", "Sign a new offer and have it approved.";
    /// The offer is signed by somebody else.
    OfferSignedByAnother = "offer_signed_by_another", 403, Institution, "The offer is not signed by the institution that sent it", "Sign it with the signing key that is registered for this institution.";
    /// A path is not among the offer's items.
    PathNotInOffer = "path_not_in_offer", 400, Client, "A path is not in the offer", "Ask only for items that the offer names.";
    /// A required item was not ticked.
    RequiredItemMissing = "required_item_missing", 400, Client, "A required item was not ticked", "Tick it, or refuse the whole request.";
    /// Not exactly one item of an alternatives group was ticked.
    AlternativesNotOne = "alternatives_not_one", 400, Client, "Exactly one of a group must be ticked", "Tick one item of each group of alternatives.";
    /// The selection does not say what the request says.
    SelectionMismatch = "selection_mismatch", 400, Client, "The signed selection does not match the request", "Build it from the session statement and the offer, unchanged.";

    /// The session's time is over.
    SessionExpired = "session_expired", 410, Client, "The session has expired", "Show a new code and start again.";
    /// Another device has claimed the session.
    SessionClaimed = "session_claimed", 409, Client, "Another device has claimed this session", "Show a new code and start again.";
    /// The session has ended.
    SessionEnded = "session_ended", 410, Client, "The session has ended", "Show a new code and start again.";
    /// The number typed is not the one on the phone. The session ends.
    WrongNumber = "wrong_number", 403, Client, "The number is not the one on the phone; the session has ended", "Show a new code and start again.";
    /// The number has not been typed yet.
    NumberRequired = "number_required", 409, Client, "The number on the phone has not been typed on the front end yet", "Type it there first.";
    /// The channel was fixed when the request was pushed.
    WrongResponseMode = "wrong_response_mode", 409, Client, "The request was pushed for another response mode", "Use the response mode that the request was pushed with.";

    /// The hint is unknown, used, expired, or its device can do nothing any more.
    InvalidHint = "invalid_hint", 400, Client, "The code from the phone is unknown, used or expired", "Let the person show a new code. The session is not opened and still can be.";
    /// A front end asked for a request, and had asked a moment ago.
    AskedTooSoon = "asked_too_soon", 429, Client, "The institution was asked a moment ago", "Wait until Retry-After; the institution is told of the first.";

    /// RFC 6749 `invalid_grant`: the code or token is unknown, used, expired or another's.
    InvalidGrant = "invalid_grant", 400, Client, "The code or token is unknown, used, expired or not yours", "Start a new request.";
    /// RFC 6749 `invalid_client`.
    InvalidClient = "invalid_client", 401, Client, "The client could not be authenticated", "Connect with the certificate that is registered for this client_id.";
    /// The token does not authenticate.
    InvalidToken = "invalid_token", 401, Client, "The token is unknown, expired, revoked or bound to another key", "Get a new token.";
    /// The grant is paused by the person.
    GrantPaused = "grant_paused", 403, Subject, "The person has paused this grant", "Wait until it is resumed.";
    /// The grant was revoked.
    GrantRevoked = "grant_revoked", 403, Subject, "The person has revoked this grant", "Ask for a new consent.";
    /// The grant has expired.
    GrantExpired = "grant_expired", 403, Institution, "The grant has expired", "Ask for a new consent.";
    /// The device was revoked.
    DeviceRevoked = "device_revoked", 403, Client, "This device was revoked", "Enrol it again from another device or with the recovery sheet.";
    /// The authenticator's counter went back.
    AuthenticatorCopied = "authenticator_copied", 403, Subject, "The authenticator has counted less than before: it may have been copied", "Confirm again. If it is refused once more, revoke this device from another one and enrol it anew.";
    /// The recovery sheet opens no vault here.
    RecoveryRefused = "recovery_refused", 403, Client, "The recovery sheet does not open a vault here", "Compare every word with the sheet. A renewed sheet makes the one before useless.";
    /// The vault was deleted.
    VaultGone = "vault_gone", 410, Subject, "The person has deleted this vault", "Nothing can be done.";
    /// The manifest has moved on.
    ManifestConflict = "manifest_conflict", 412, Client, "The manifest has changed since", "Fetch the current root, rebase your change and commit again.";
    /// A consent rule said no.
    RuleDenied = "rule_denied", 403, Rule, "A rule forbids this", "The rule's reason says what to change.";
    /// A consent rule wants a stronger authentication.
    StepUpRequired = "step_up_required", 403, Rule, "A stronger authentication is needed first", "Authenticate again as the rule demands (RFC 9470).";
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}

impl std::error::Error for Rejection {}
