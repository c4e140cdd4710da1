//! The code that is a symbolon: `handle.half`. The server knows the handle and gives it; the
//! phone knows the half, which the server first sees when both are presented together.

use super::token::{NotAToken, Token, TokenClass};
use crate::bytes::{base64url, base64url_array};
use crate::secret::{Secret, SecretText};
use zeroize::Zeroizing;

/// An authorisation code (RFC 6749 section 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What the server knows.
    pub handle: Token,
    /// What opens the grant key's wrap.
    pub half: Secret<32>,
}

impl Code {
    /// Parses `handle.half`.
    ///
    /// # Errors
    /// When the text is not exactly what [`Code::to_text`] makes.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let (handle, half) = text.split_once('.').ok_or(NotAToken)?;
        Ok(Self { handle: Token::parse(TokenClass::Code, handle)?, half: parse_half(half)? })
    }

    /// The text.
    #[must_use]
    pub fn to_text(&self) -> SecretText {
        let half = Zeroizing::new(format_half(&self.half));
        SecretText::new(format!("{}.{}", self.handle.text().expose(), half.as_str()))
    }
}

/// A half alone, as it stands in the sealed message to the institution.
///
/// # Errors
/// When the text is not 32 bytes in base64url.
pub fn parse_half(text: &str) -> Result<Secret<32>, NotAToken> {
    base64url_array(text).map(Secret::new).map_err(|_| NotAToken)
}

/// The text of a half.
#[must_use]
pub fn format_half(half: &Secret<32>) -> String {
    base64url(half.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let handle = Token::new(TokenClass::Code, "eu1".parse().unwrap(), &[1; 32]);
        let code = Code { handle, half: Secret::new([2; 32]) };
        let text = code.to_text();
        assert_eq!(Code::parse(text.expose()), Ok(code));
        let other = text.expose().replacen("cod", "atk", 1);
        let longer = format!("{}A", text.expose());
        for wrong in ["", ".", "cod_eu1_.", &text.expose()[..60], &other, &longer] {
            assert_eq!(Code::parse(wrong), Err(NotAToken), "{wrong}");
        }
    }
}
