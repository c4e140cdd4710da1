//! Requests with a `DPoP` proof (RFC 9449): the node's nonce is learnt from its answers, and
//! a request that was refused for want of it is sent once more.

use crate::http3::{Answer, Body, Http3, Request};
use crate::{ClientError, ambient};
use http::{HeaderName, header};
use std::sync::{Mutex, PoisonError};
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::dpop::{ProofRequest, prove};
use symbolon_domain::secret::{Secret, SecretText};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const NONCE: &str = "dpop-nonce";

/// A signing key that proves possession, and the last nonce that the node gave.
pub struct ProofKey {
    key: Secret<32>,
    nonce: Mutex<Option<String>>,
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey")
    }
}

impl ProofKey {
    /// Of a P-256 key.
    #[must_use]
    pub fn new(key: Secret<32>) -> Self {
        Self { key, nonce: Mutex::new(None) }
    }

    /// Sends a request with a proof, and with the token that the key is bound to, if any.
    ///
    /// # Errors
    /// As [`Http3::send`]; an error status is an answer.
    pub async fn send(
        &self,
        http: &Http3,
        token: Option<&SecretText>,
        request: &Request,
    ) -> Result<Answer, ClientError> {
        let answer = http.send(&self.prove(http, token, request)?).await?;
        if !self.learn(&answer) {
            return Ok(answer);
        }
        let answer = http.send(&self.prove(http, token, request)?).await?;
        self.learn(&answer);
        Ok(answer)
    }

    /// Likewise for an answer that is read piece by piece.
    ///
    /// # Errors
    /// As [`Http3::stream`], and what the node refused.
    pub async fn stream(
        &self,
        http: &Http3,
        token: Option<&SecretText>,
        request: &Request,
    ) -> Result<Body, ClientError> {
        let refused = match http.stream(&self.prove(http, token, request)?).await? {
            Ok(body) => return Ok(body),
            Err(refused) => refused,
        };
        if !self.learn(&refused) {
            return Err(refused.refusal());
        }
        let again = http.stream(&self.prove(http, token, request)?).await?;
        again.map_err(|refused| refused.refusal())
    }

    // Takes the answer's nonce; says whether the request was refused for want of it.
    fn learn(&self, answer: &Answer) -> bool {
        let Some(given) = answer.header(NONCE) else { return false };
        let mut nonce = self.nonce.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = nonce.as_deref() != Some(given);
        *nonce = Some(given.to_owned());
        is_new && matches!(answer.status.as_u16(), 400 | 401)
    }

    fn prove(
        &self,
        http: &Http3,
        token: Option<&SecretText>,
        request: &Request,
    ) -> Result<Request, ClientError> {
        let nonce = self.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let proof = prove(
            &RustCrypto,
            &self.key,
            &ProofRequest {
                method: request.method(),
                url: &format!("{}{}", http.origin(), request.path()),
                access_token: token.map(SecretText::expose),
                nonce: nonce.as_deref(),
                jti: ambient::random()?,
                now: ambient::now(),
            },
        )?;
        let request = request.clone().header(DPOP, &proof)?;
        match token {
            Some(token) => {
                request.header(header::AUTHORIZATION, &format!("DPoP {}", token.expose()))
            }
            None => Ok(request),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};

    #[test]
    fn a_new_nonce_is_worth_one_more_try() {
        let proof = ProofKey::new(Secret::new([1; 32]));
        let learn = |status, nonce: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(nonce) = nonce {
                headers.insert(NONCE, HeaderValue::from_static(nonce));
            }
            let status = StatusCode::from_u16(status).unwrap();
            proof.learn(&Answer { status, headers, body: Bytes::new() })
        };
        assert!(!learn(401, None), "refused for something else");
        assert!(learn(401, Some("one")));
        assert!(!learn(401, Some("one")), "with it, it was refused for something else");
        assert!(learn(400, Some("two")), "as OAuth endpoints answer (RFC 9449 section 8)");
        assert!(!learn(200, Some("three")), "what was done is not sent again");
        assert!(!learn(401, Some("three")), "but its nonce was taken");
        assert!(!learn(500, Some("four")));
        let kept = proof.nonce.lock().unwrap().clone();
        assert_eq!(kept.as_deref(), Some("four"));
    }
}
