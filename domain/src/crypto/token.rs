//! Opaque tokens: `<three letters>_<region>_<43 characters>`, 256 random bits.
//!
//! The store keeps a token's hash and its id, which is the hash's beginning; keys come from
//! the token itself under other labels. So the store can find a token and never be one.

use super::kdf;
use crate::bytes::{Digest, base64url, base64url_array, lp};
use crate::id::Region;
use crate::secret::{Secret, SecretText};
use crate::{Id, Kind};
use zeroize::Zeroizing;

/// Text that is no token, or not one of the class wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this kind")]
pub struct NotAToken;

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        /// What a token is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum TokenClass { $($(#[$doc])* $name,)* }

        impl TokenClass {
            /// Every class.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The three letters it begins with. No id begins so.
            #[must_use]
            pub fn prefix(self) -> &'static str {
                match self { $(Self::$name => $prefix,)* }
            }
        }

        impl std::str::FromStr for TokenClass {
            type Err = NotAToken;
            fn from_str(text: &str) -> Result<Self, NotAToken> {
                match text { $($prefix => Ok(Self::$name),)* _ => Err(NotAToken) }
            }
        }
    };
}

classes! {
    /// An institution's, bound to its certificate, for at most ten minutes.
    Access = "atk";
    /// An institution's, where the frequency of a grant needs later reads.
    Refresh = "rtk";
    /// A device's, bound to its `DPoP` key.
    Device = "dtk";
    /// A front end's, bound to its `DPoP` key.
    FrontEnd = "ftk";
    /// The handle of an authorisation code: the half that the server knows.
    Code = "cod";
    /// Binds a front end's or a device's key, once.
    Enrolment = "enr";
    /// The reference of a pushed authorisation request (RFC 9126).
    Request = "req";
    /// A device's hint (CIBA `login_hint_token`): starts one session at its person.
    Hint = "hnt";
}

/// One token. Printed as nothing, wiped when dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    class: TokenClass,
    region: Region,
    text: SecretText,
}

impl Token {
    /// Makes one from 32 random bytes.
    #[must_use]
    pub fn new(class: TokenClass, region: Region, random: &[u8; 32]) -> Self {
        let random = Zeroizing::new(base64url(random));
        let text = format!("{}_{region}_{}", class.prefix(), random.as_str());
        Self { class, region, text: SecretText::new(text) }
    }

    /// Parses a token of any class.
    ///
    /// # Errors
    /// When the text is not exactly what [`Token::new`] makes.
    pub fn parse_any(text: &str) -> Result<Self, NotAToken> {
        // The random part can hold underscores; class and region cannot.
        let mut parts = text.splitn(3, '_');
        let class = parts.next().ok_or(NotAToken)?.parse()?;
        let region = parts.next().and_then(|part| part.parse().ok()).ok_or(NotAToken)?;
        let random = base64url_array::<32>(parts.next().ok_or(NotAToken)?);
        Zeroizing::new(random.map_err(|_| NotAToken)?);
        Ok(Self { class, region, text: SecretText::new(text.to_owned()) })
    }

    /// Parses a token and demands its class.
    ///
    /// # Errors
    /// When the text is no token, or one of another class.
    pub fn parse(class: TokenClass, text: &str) -> Result<Self, NotAToken> {
        let token = Self::parse_any(text)?;
        if token.class == class { Ok(token) } else { Err(NotAToken) }
    }

    /// What it is for.
    #[must_use]
    pub fn class(&self) -> TokenClass {
        self.class
    }

    /// Where it is at home.
    #[must_use]
    pub fn region(&self) -> Region {
        self.region
    }

    /// The text, for the answer to its owner.
    #[must_use]
    pub fn text(&self) -> &SecretText {
        &self.text
    }

    /// What the store keeps of it: `SHA-256(lp("token-id", token))`.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of(&Zeroizing::new(lp("token-id", &[self.text.expose().as_bytes()])))
    }

    /// The id of its entity: its region and the first 16 bytes of its hash.
    #[must_use]
    pub fn id(&self) -> Id {
        let [random @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.hash().0;
        Id::new(Kind::Token, self.region, random)
    }

    /// `HKDF(token, lp(label, fields…))`.
    #[must_use]
    pub fn derive_key(&self, label: &str, fields: &[&[u8]]) -> Secret<32> {
        kdf::hkdf(self.text.expose().as_bytes(), &lp(label, fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_prefix_is_that_of_an_id() {
        for class in TokenClass::ALL {
            assert!(class.prefix().parse::<Kind>().is_err());
            assert_eq!(class.prefix().parse(), Ok(*class));
        }
    }

    #[test]
    fn only_one_text() {
        let token = Token::new(TokenClass::Access, "eu1".parse().unwrap(), &[255; 32]);
        let text = token.text().expose();
        assert_eq!(text.len(), 3 + 1 + 3 + 1 + 43);
        assert_eq!(Token::parse(TokenClass::Access, text), Ok(token.clone()));
        assert_eq!(Token::parse(TokenClass::Refresh, text), Err(NotAToken));
        let spare_bits = format!("{}9", &text[..text.len() - 1]);
        for wrong in [&text[1..], &text[..50], &text.to_uppercase(), &spare_bits, "atk_eu1_", ""] {
            assert_eq!(Token::parse_any(wrong), Err(NotAToken), "{wrong}");
        }
        assert!(token.hash().0.starts_with(&token.id().random));
        assert_eq!(format!("{token:?}").matches("____").count(), 0, "the text is not printed");
    }

    proptest! {
        #[test]
        fn text_and_back(random: [u8; 32], class in 0..TokenClass::ALL.len(), region in "[a-z0-9]{1,8}") {
            let token = Token::new(TokenClass::ALL[class], region.parse().unwrap(), &random);
            prop_assert_eq!(Token::parse_any(token.text().expose()), Ok(token));
        }

        #[test]
        fn never_panics(text in "(atk_|rtk_)?[a-z0-9_\\PC]{0,60}") {
            if let Ok(token) = Token::parse_any(&text) {
                prop_assert_eq!(token.text().expose(), &text);
            }
        }
    }
}
