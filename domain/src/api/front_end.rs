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

    /// `POST /v1/sessions`: exactly one of the two names what is opened.
    pub struct OpenSession {
        /// The pushed request's `request_uri`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub request_uri: Option<SecretText>,
        /// A session whose request was pushed for this very front end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub session: Option<Id>,
        /// The code that a person's phone showed (CIBA): the session is for that phone alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub login_hint_token: Option<SecretText>,
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

impl OpenSession {
    /// By the `request_uri` that the institution was given.
    #[must_use]
    pub fn request(request_uri: &str) -> Self {
        let request_uri = Some(SecretText::new(request_uri.to_owned()));
        Self { request_uri, session: None, login_hint_token: None }
    }

    /// Of a request that was pushed for this front end.
    #[must_use]
    pub fn pushed(session: Id) -> Self {
        Self { request_uri: None, session: Some(session), login_hint_token: None }
    }

    /// For the phone that showed this code.
    #[must_use]
    pub fn for_hint(self, hint: SecretText) -> Self {
        Self { login_hint_token: Some(hint), ..self }
    }
}
