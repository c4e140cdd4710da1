//! Form parameters (`application/x-www-form-urlencoded`): bounded, each at most once.

use super::{ErrorCode, OAuthError};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// Most bytes of a form.
pub const FORM_BYTES_MAX: usize = 64 * 1_024;
/// Most parameters of a form.
pub const PARAMETERS_MAX: usize = 64;

/// A form's parameters. Wiped when dropped, for some hold secrets.
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Takes a form or a query apart.
    ///
    /// # Errors
    /// When it is too long, has too many parameters, one of them twice (RFC 6749 section
    /// 3.1), or holds bytes that are not UTF-8.
    pub fn parse(bytes: &[u8]) -> Result<Self, OAuthError> {
        let refuse = |why: &str| Err(OAuthError::new(ErrorCode::InvalidRequest, why));
        if bytes.len() > FORM_BYTES_MAX {
            return refuse("the form is longer than 65,536 bytes");
        }
        let mut form = Self(BTreeMap::new());
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if form.0.len() == PARAMETERS_MAX {
                return refuse("the form has more than 64 parameters");
            }
            // What is not UTF-8 was replaced by this.
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return refuse("the form holds bytes that are not UTF-8");
            }
            if form.0.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return refuse(&format!("the parameter {} appears twice", shown(&name)));
            }
        }
        Ok(form)
    }

    /// Takes a parameter out. One without a value counts as left out (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// When it is longer than `length_max` bytes.
    pub fn take(&mut self, name: &str, length_max: usize) -> Result<Option<String>, OAuthError> {
        let value = self.0.remove(name).filter(|value| !value.is_empty());
        match value {
            Some(value) if value.len() > length_max => Err(OAuthError::new(
                ErrorCode::InvalidRequest,
                &format!("{name} is longer than {length_max} bytes"),
            )),
            value => Ok(value),
        }
    }

    /// Takes a parameter out that must be there.
    ///
    /// # Errors
    /// When it is missing or longer than `length_max` bytes.
    pub fn demand(&mut self, name: &str, length_max: usize) -> Result<String, OAuthError> {
        self.take(name, length_max)?.ok_or_else(|| {
            OAuthError::new(ErrorCode::InvalidRequest, &format!("{name} is missing"))
        })
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_and_demands() {
        let mut form = Form::parse(b"a=1&b=x+y%21&c=&d").unwrap();
        assert_eq!(form.demand("a", 1).unwrap(), "1");
        assert_eq!(form.take("b", 4).unwrap().as_deref(), Some("x y!"));
        assert_eq!(form.take("c", 4), Ok(None), "without a value");
        assert_eq!(form.take("d", 4), Ok(None));
        assert!(form.demand("a", 1).unwrap_err().error_description.contains("missing"));
    }

    #[test]
    fn refusals() {
        let refused = |bytes: &[u8]| Form::parse(bytes).unwrap_err().error_description;
        assert!(refused(b"a=1&b=2&a=1").contains("twice"));
        assert!(refused(b"a=1&%61=2").contains("twice"), "the same name in other letters");
        assert!(refused(b"a=%ff").contains("UTF-8"));
        assert!(refused(&vec![b'a'; FORM_BYTES_MAX + 1]).contains("longer"));
        let many: Vec<String> = (0..=PARAMETERS_MAX).map(|n| format!("p{n}=1")).collect();
        assert!(refused(many.join("&").as_bytes()).contains("more than 64"));
        let mut form = Form::parse(b"a=12").unwrap();
        assert!(form.take("a", 1).unwrap_err().error_description.contains("longer"));
    }

    #[test]
    fn shows_no_value() {
        let form = Form::parse(b"code=secret").unwrap();
        assert_eq!(format!("{form:?}"), r#"["code"]"#);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Form::parse(&bytes);
        }
    }
}
