//! The authenticator of a tab (W3C WebAuthn level 3, section 11): what asks the person for
//! finger or face.

use super::webdriver::Session;
use serde_json::{Value, json};

/// One that is built into the device and can tell people apart.
pub(crate) struct Authenticator {
    path: String,
}

impl Authenticator {
    pub(super) fn plug_in(session: &Session) -> Self {
        let made = session.post(
            "webauthn/authenticator",
            json!({
                "protocol": "ctap2", "transport": "internal",
                "hasResidentKey": true, "hasUserVerification": true,
                "isUserConsenting": true, "isUserVerified": true,
            }),
        );
        let id = made.unwrap_or_else(|refused| panic!("{refused}"));
        Self { path: format!("webauthn/authenticator/{}", id.as_str().unwrap()) }
    }

    /// Takes it away: the browser goes on asking, and nobody answers.
    pub(super) fn unplug(self, session: &Session) {
        session.delete(&self.path).unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// Whether the next finger is the right one.
    pub(crate) fn verifies(&self, session: &Session, verified: bool) {
        let told =
            session.post(&format!("{}/uv", self.path), json!({ "isUserVerified": verified }));
        told.unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// What it keeps: a real one keeps it when the browser ends.
    pub(crate) fn credentials(&self, session: &Session) -> Vec<Value> {
        let kept = session.get(&format!("{}/credentials", self.path));
        kept.unwrap_or_else(|refused| panic!("{refused}")).as_array().unwrap().clone()
    }

    /// Gives it what it kept before.
    pub(crate) fn keep(&self, session: &Session, credentials: &[Value]) {
        for credential in credentials {
            let kept = session.post(&format!("{}/credential", self.path), credential.clone());
            kept.unwrap_or_else(|refused| panic!("{refused}"));
        }
    }
}
