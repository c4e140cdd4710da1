//! What institutions send and get. The OAuth endpoints have their own forms (see
//! [`crate::oauth`]).

use super::{Bytes, wire};
use crate::act::read::ItemStatus;
use crate::bytes::Digest;
use crate::entity::grant::{Authentication, Delivery, GrantState};
use crate::entity::institution::InstitutionState;
use crate::entity::offer::OfferState;
use crate::jwk::{P256Jwk, X25519Jwk};
use crate::secret::SecretText;
use crate::{Id, Timestamp};

wire! {
    /// `POST /v1/institutions`: introduces the institution, or changes what it says of itself.
    pub struct DescribeInstitution {
        /// JWS `symbolon-institution+jwt` by its signing key.
        pub document: String,
    }

    /// An institution.
    pub struct InstitutionView {
        /// Its id: the `client_id`.
        pub id: Id,
        /// The name people see.
        pub name: String,
        /// The DNS name in its certificate.
        pub dns_name: String,
        /// What the operator has said.
        pub state: InstitutionState,
        /// Since when.
        pub since: Timestamp,
        /// Where events are posted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub webhook: Option<String>,
        /// Where a person's browser may be sent back to.
        pub redirect_uris: Vec<String>,
        /// Signs its documents and offers.
        pub signing_key: P256Jwk,
        /// What is lent to it is sealed to this key.
        pub hpke_key: X25519Jwk,
        /// The certificate that the caller shows; told to the institution alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub certificate: Option<CertificateView>,
    }

    /// A client certificate.
    pub struct CertificateView {
        /// SHA-256 of it (`x5t#S256`): access tokens are bound to it.
        pub thumbprint: Digest,
        /// Its DNS names.
        pub dns_names: Vec<String>,
        /// Until when it is good.
        pub expires: Timestamp,
    }

    /// `POST /v1/offers`.
    pub struct ProposeOffer {
        /// JWS `symbolon-offer+jwt` by the institution's signing key.
        pub document: String,
    }

    /// An offer.
    pub struct OfferView {
        /// Its id.
        pub id: Id,
        /// SHA-256 of the signed document: what a request names.
        pub hash: Digest,
        /// Whose it is.
        pub institution: Id,
        /// Where it is in its life.
        pub state: OfferState,
        /// Its title in English.
        pub title: String,
        /// After this no new consent is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires: Option<Timestamp>,
        /// When it was proposed.
        pub created: Timestamp,
        /// The signed document, where one offer is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub document: Option<String>,
    }

    /// `POST /v1/front-ends`.
    pub struct RegisterFrontEnd {
        /// What a phone shows, at most 80 characters.
        pub name: String,
        /// Where it stands, at most 80 characters.
        pub place: String,
        /// Most sessions open at once, 1 to 64.
        pub sessions_max: u16,
    }

    /// A front end's enrolment code: shown once.
    pub struct FrontEndInvitation {
        /// The front end.
        pub front_end: Id,
        /// Type it at the front end within 15 minutes.
        pub enrolment_code: SecretText,
    }

    /// A front end.
    pub struct FrontEndView {
        /// Its id.
        pub id: Id,
        /// What a phone shows.
        pub name: String,
        /// Where it stands.
        pub place: String,
        /// invited, enrolled or removed.
        pub state: String,
        /// Most sessions open at once.
        pub sessions_max: u16,
    }

    /// A grant, as its parties see it.
    pub struct GrantView {
        /// Its id.
        pub id: Id,
        /// To whom.
        pub institution: Id,
        /// Under which offer.
        pub offer: Id,
        /// In which session it was given.
        pub session: Id,
        /// SHA-256 of that session's statement: what is sealed to the institution is bound
        /// to it (HPKE `info`).
        pub statement_hash: Digest,
        /// Where it is in its life.
        pub state: GrantState,
        /// The granted paths.
        pub paths: Vec<String>,
        /// The purpose's code.
        pub purpose: String,
        /// Who opens what was lent.
        pub delivery: Delivery,
        /// Whether later versions are lent too.
        pub covers_future: bool,
        /// Most uses in a period.
        pub uses_max: u32,
        /// The period, seconds; none is the whole life.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub period_seconds: Option<u64>,
        /// Uses so far.
        pub uses: u32,
        /// When it was last used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub last_use: Option<Timestamp>,
        /// The chain's head: compare it with the other side's.
        pub chain: Digest,
        /// How the person was authenticated.
        pub authentication: Authentication,
        /// When it was given.
        pub created: Timestamp,
        /// Until when it may be read.
        pub expires: Timestamp,
    }

    /// `POST /v1/grants/{id}/reads`.
    pub struct ReadRequest {
        /// 16 random bytes; the same id again is the same use.
        pub read: Bytes,
        /// The paths wanted, each once.
        pub paths: Vec<String>,
    }

    /// The answer to a read.
    pub struct ReadAnswer {
        /// One per path, in their order.
        pub items: Vec<ReadAnswerItem>,
        /// When the use was counted.
        pub at: Timestamp,
        /// Uses so far.
        pub uses: u32,
        /// The chain's head.
        pub chain: Digest,
    }

    /// One path of the answer.
    pub struct ReadAnswerItem {
        /// The path.
        pub path: String,
        /// What became of it.
        pub status: ItemStatus,
        /// The value, where the status brings one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub value: Option<ItemValue>,
    }

    /// A value. With delivery `server` it is `plaintext`; with delivery `institution` it is
    /// `sealed_secret` and `object`, which the institution opens. Over 64 KiB the bytes are
    /// behind `link` instead, good for as long as the access token.
    pub struct ItemValue {
        /// The version given.
        pub version: u64,
        /// SHA-256 of the object.
        pub digest: Digest,
        /// The object's id.
        pub object_id: Bytes,
        /// The item's id.
        pub item: Digest,
        /// The opened item.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub plaintext: Option<Bytes>,
        /// The item's media type, with `plaintext`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub media_type: Option<String>,
        /// The item's secret, sealed to the institution's HPKE key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sealed_secret: Option<Bytes>,
        /// The object's ciphertext.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub object: Option<Bytes>,
        /// Where the bytes are, relative to this node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub link: Option<String>,
    }

    /// The last tries of a webhook.
    pub struct WebhookStatus {
        /// Where events are posted.
        pub url: String,
        /// Position of the last event delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub delivered: Option<String>,
        /// When that was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub delivered_at: Option<Timestamp>,
        /// Failed tries since.
        pub failures: u32,
        /// What the last failure was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub last_error: Option<String>,
    }
}
