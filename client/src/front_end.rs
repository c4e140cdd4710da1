//! A front end: a screen that shows QR codes, with a `DPoP` key of its own.

use crate::folder::secret_text;
use crate::http3::{EventStream, Http3, Request};
use crate::proof::ProofKey;
use crate::{ClientError, EventSource, Following, ambient};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::api::SessionView;
use symbolon_domain::api::front_end::{
    EnrolFrontEnd, FrontEndCredential, OpenSession, OpenedSession, TypeNumber,
};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::secret::{Secret, SecretText};

/// What a front end keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FrontEndState {
    /// Its id.
    pub id: Id,
    /// What phones show.
    pub name: String,
    /// Where it stands.
    pub place: String,
    #[serde(with = "secret_text")]
    key: Secret<32>,
    token: SecretText,
}

/// An enrolled front end at a node.
#[derive(Debug)]
pub struct FrontEnd {
    http: Arc<Http3>,
    proof: ProofKey,
    state: FrontEndState,
}

impl FrontEnd {
    /// Binds a new key to a registered front end with its enrolment code.
    ///
    /// # Errors
    /// What the node refuses: a code that is wrong, used or too old.
    pub async fn enrol(
        http: Arc<Http3>,
        id: Id,
        enrolment_code: SecretText,
    ) -> Result<Self, ClientError> {
        let key = ambient::signing_key()?;
        let proof = ProofKey::new(key.clone());
        let path = format!("/v1/front-ends/{id}/enrol");
        let request = Request::post(path).json(&EnrolFrontEnd { enrolment_code })?;
        let given: FrontEndCredential = proof.send(&http, None, &request).await?.json()?;
        let state = FrontEndState {
            id: given.front_end,
            name: given.name,
            place: given.place,
            key,
            token: given.token,
        };
        Ok(Self { http, proof, state })
    }

    /// One that was enrolled before.
    #[must_use]
    pub fn open(http: Arc<Http3>, state: FrontEndState) -> Self {
        Self { http, proof: ProofKey::new(state.key.clone()), state }
    }

    /// What to keep.
    #[must_use]
    pub fn state(&self) -> &FrontEndState {
        &self.state
    }

    /// Opens the session of a request that the institution pushed.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn open_session(&self, what: &OpenSession) -> Result<OpenedSession, ClientError> {
        self.send(Request::post("/v1/sessions").json(what)?).await?.json()
    }

    /// The session's QR code for a terminal.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn qr_text(&self, session: Id) -> Result<String, ClientError> {
        self.send(Request::get(format!("/v1/sessions/{session}/qr.txt"))).await?.text()
    }

    /// The session's QR code as an image: `svg` or `png`.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn qr_image(&self, session: Id, format: &str) -> Result<Vec<u8>, ClientError> {
        let request = Request::get(format!("/v1/sessions/{session}/qr.{format}"));
        Ok(self.send(request).await?.ok()?.body.to_vec())
    }

    /// Where a session is.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn session(&self, session: Id) -> Result<SessionView, ClientError> {
        self.send(Request::get(format!("/v1/sessions/{session}"))).await?.json()
    }

    /// Types the number that the phone shows. There is one try.
    ///
    /// # Errors
    /// What the node refuses; a wrong number ends the session.
    pub async fn type_number(&self, session: Id, number: &str) -> Result<SessionView, ClientError> {
        let number = TypeNumber { number: number.to_owned() };
        let request = Request::post(format!("/v1/sessions/{session}/number")).json(&number)?;
        self.send(request).await?.json()
    }

    /// Asks the institution for a request: it may push one for this front end.
    ///
    /// # Errors
    /// What the node refuses: asking twice within two seconds.
    pub async fn ask(&self) -> Result<(), ClientError> {
        let path = format!("/v1/front-ends/{}/asks", self.state.id);
        self.send(Request::post(path)).await?.ok().map(drop)
    }

    /// Gives a session up.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn cancel(&self, session: Id) -> Result<(), ClientError> {
        self.send(Request::delete(format!("/v1/sessions/{session}"))).await?.ok().map(drop)
    }

    /// What happens to the front end's sessions, from the oldest event kept or after a position.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn events(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        let request = crate::events_request(after)?;
        let body = self.proof.stream(&self.http, Some(&self.state.token), &request).await?;
        Ok(EventStream::new(body))
    }

    /// The same followed from stream to stream.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn follow(&self, after: Option<&str>) -> Result<Following<'_, Self>, ClientError> {
        Following::start(self, after).await
    }

    async fn send(&self, request: Request) -> Result<crate::http3::Answer, ClientError> {
        self.proof.send(&self.http, Some(&self.state.token), &request).await
    }
}

impl EventSource for FrontEnd {
    async fn open(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        self.events(after).await
    }
}

/// The hint in what a scanner read from a phone: `https://{wallet host}/h#{hint}`, or the
/// hint alone.
///
/// # Errors
/// When there is none in it.
pub fn hint_of(scanned: &str) -> Result<SecretText, ClientError> {
    let wrong = || ClientError::input("that is no code that a phone shows a terminal");
    let scanned = scanned.trim();
    let text = match scanned.split_once('#') {
        None => scanned,
        Some((page, hint)) => {
            let page = url::Url::parse(page).map_err(|_| wrong())?;
            if page.scheme() != "https" || page.path() != "/h" || page.query().is_some() {
                return Err(wrong());
            }
            hint
        }
    };
    Token::parse(TokenClass::Hint, text).map(|hint| hint.text().clone()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanned_from_a_phone() {
        let hint = Token::new(TokenClass::Hint, "eu1".parse().unwrap(), &[7; 32]);
        let hint = hint.text().expose();
        let link = format!("https://wallet.example:8443/h#{hint}");
        assert!(link.len() < 120);
        for scanned in [hint, &link, &format!(" {link}\r\n")] {
            assert_eq!(hint_of(scanned).unwrap().expose(), hint, "{scanned}");
        }
        for wrong in [
            "",
            "#",
            &hint[1..],
            &hint.replacen("hnt_", "enr_", 1),
            &link.replace("https", "http"),
            &link.replace("/h#", "/s/x#"),
            &link.replace("/h#", "/h?a#"),
            &format!("{link}#"),
        ] {
            assert!(hint_of(wrong).is_err(), "{wrong}");
        }
    }
}
