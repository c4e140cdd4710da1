//! PKCE (RFC 7636), method S256 alone.

use super::{ErrorCode, OAuthError};
use crate::bytes::{Digest, base64url};
use crate::secret::{Secret, SecretText};

/// What a client keeps to itself until it redeems the code: 43 to 128 unreserved characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier(SecretText);

impl Verifier {
    /// Of 32 random bytes.
    #[must_use]
    pub fn new(random: &Secret<32>) -> Self {
        Self(SecretText::new(base64url(random.expose())))
    }

    /// Reads a `code_verifier` (section 4.1).
    ///
    /// # Errors
    /// `invalid_request` when it has another length or other characters.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            return Ok(Self(SecretText::new(text.to_owned())));
        }
        let why = "code_verifier is not 43 to 128 of A-Z a-z 0-9 - . _ ~";
        Err(OAuthError::new(ErrorCode::InvalidRequest, why))
    }

    /// The `code_verifier`, for the request that redeems the code.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The challenge, whose text is the `code_challenge`.
    #[must_use]
    pub fn challenge(&self) -> Digest {
        Digest::of(self.0.expose().as_bytes())
    }
}

/// Reads `code_challenge` and `code_challenge_method`. Without a method it would be `plain`
/// (section 4.3), which is refused.
///
/// # Errors
/// `invalid_request` when the method is not `S256` or the challenge no SHA-256.
pub fn parse_challenge(challenge: &str, method: &str) -> Result<Digest, OAuthError> {
    if method != "S256" {
        let why = "code_challenge_method must be S256";
        return Err(OAuthError::new(ErrorCode::InvalidRequest, why));
    }
    challenge.parse().map_err(|_| {
        let why = "code_challenge is not a SHA-256 in base64url without padding";
        OAuthError::new(ErrorCode::InvalidRequest, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn example_of_rfc_7636() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = Verifier::new(&Secret::new(octets));
        assert_eq!(verifier.expose(), VERIFIER);
        assert_eq!(verifier, Verifier::parse(VERIFIER).unwrap());
        assert_eq!(verifier.challenge().to_string(), CHALLENGE);
        assert_eq!(parse_challenge(CHALLENGE, "S256"), Ok(verifier.challenge()));
    }

    #[test]
    fn refusals() {
        for wrong in ["", &"a".repeat(42), &"a".repeat(129), &format!("{VERIFIER}+")] {
            assert!(Verifier::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Verifier::parse(&"~".repeat(128)).is_ok());
        for (challenge, method) in
            [(CHALLENGE, "plain"), (CHALLENGE, ""), (CHALLENGE, "s256"), ("", "S256")]
        {
            assert!(parse_challenge(challenge, method).is_err());
        }
        assert!(parse_challenge(&format!("{CHALLENGE}="), "S256").is_err());
    }
}
