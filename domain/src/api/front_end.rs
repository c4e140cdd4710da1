//! What front ends send and get.

use super::{SessionView, wire};
use crate::secret::SecretText;
use crate::{Id, Timestamp};

wire! {
    /// `POST /v1/front-ends/{id}/enrol`, with a `DPoP` proof by the key to be bound.
    pub struct EnrolFrontEnd {
        /// The enrolment code.
        pub enrolment_code: SecretText,
    }

    /// The front end's credential: shown once, bound to its `DPoP` key.
    pub struct FrontEndCredential {
        /// The front end.
        pub front_end: Id,
        /// What a phone shows.
        pub name: String,
        /// Where it stands.
        pub place: String,
        /// The token, scheme `DPoP`.
        pub token: SecretText,
    }

    /// `POST /v1/sessions`.
    pub struct OpenSession {
        /// The pushed request's `request_uri`.
        pub request_uri: SecretText,
    }

    /// An opened session.
    pub struct OpenedSession {
        /// The session.
        pub session: SessionView,
        /// What the QR holds; the images are at `/v1/sessions/{id}/qr.svg`, `.png`, `.txt`.
        pub link: String,
        /// Until when it waits to be claimed.
        pub expires: Timestamp,
    }

    /// `POST /v1/sessions/{id}/number`.
    pub struct TypeNumber {
        /// The two digits on the phone.
        pub number: String,
    }
}
