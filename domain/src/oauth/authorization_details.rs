//! `authorization_details` (RFC 9396) of type `urn:symbolon:consent:v1`: what an institution
//! asks for, by the hash of its offer, and what it was granted.

use super::{ErrorCode, OAuthError};
use crate::bytes::Digest;
use crate::document::offer::{ITEMS_MAX, Offer};
use crate::entity::grant::{Delivery, Frequency};
use crate::json::from_slice_strict;
use crate::path::Path;
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// The type.
pub const CONSENT_TYPE: &str = "urn:symbolon:consent:v1";
/// Most bytes of the parameter.
pub const DETAILS_BYTES_MAX: usize = 48 * 1_024;

/// The type member: nothing but [`CONSENT_TYPE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentType {
    /// [`CONSENT_TYPE`].
    #[default]
    #[serde(rename = "urn:symbolon:consent:v1")]
    ConsentV1,
}

/// What can be done with what is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read it.
    Read,
}

/// What an institution asks for. The offer says it all; what is repeated of it must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// Always [`CONSENT_TYPE`].
    pub r#type: ConsentType,
    /// The hash of the signed offer.
    pub offer: Digest,
    /// Where it will be used: this cluster's issuer, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations: Option<Vec<String>>,
    /// What for: `read`, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<Action>>,
    /// The items wanted, if not all of the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemWish>>,
    /// The offer's purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeCode>,
    /// The offer's frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// The offer's data life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_life_seconds: Option<u64>,
}

/// An item wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemWish {
    /// Which.
    pub path: Path,
}

/// A purpose by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeCode {
    /// The code, such as `dpv:IdentityVerification`.
    pub code: String,
}

/// What was granted: in the answers of token endpoint and introspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentGranted {
    /// Always [`CONSENT_TYPE`].
    pub r#type: ConsentType,
    /// The grant.
    pub grant: Id,
    /// The hash of the signed offer.
    pub offer: Digest,
    /// What can be done.
    pub actions: Vec<Action>,
    /// The items ticked.
    pub items: Vec<ItemGranted>,
    /// The purpose.
    pub purpose: PurposeCode,
    /// How often the items may be read.
    pub frequency: Frequency,
    /// How long the institution promised to keep them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_life_seconds: Option<u64>,
    /// Who opens them.
    pub delivery: Delivery,
    /// Whether later versions are lent too.
    pub covers_future: bool,
    /// When the grant ends.
    pub expires: Timestamp,
}

/// An item ticked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemGranted {
    /// Its id.
    pub id: Digest,
    /// Its path.
    pub path: Path,
}

fn refuse<T>(why: &str) -> Result<T, OAuthError> {
    Err(OAuthError::new(ErrorCode::InvalidAuthorizationDetails, why))
}

impl ConsentRequest {
    /// Asks for the whole offer.
    #[must_use]
    pub fn new(offer: Digest) -> Self {
        Self {
            r#type: ConsentType::ConsentV1,
            offer,
            locations: None,
            actions: None,
            items: None,
            purpose: None,
            frequency: None,
            data_life_seconds: None,
        }
    }

    /// The `authorization_details` parameter.
    #[must_use]
    pub fn to_parameter(&self) -> String {
        // A struct of text and numbers always becomes JSON.
        serde_json::to_string(&[self]).unwrap_or_default()
    }

    /// Reads the parameter: an array of exactly one consent.
    ///
    /// # Errors
    /// `invalid_authorization_details`, with the reason.
    pub fn parse(parameter: &str) -> Result<Self, OAuthError> {
        let details: Vec<Self> = from_slice_strict(parameter.as_bytes(), DETAILS_BYTES_MAX)
            .or_else(|error| refuse(&format!("authorization_details: {error}")))?;
        let Ok([consent]) = <[Self; 1]>::try_from(details) else {
            return refuse("authorization_details must hold exactly one consent");
        };
        if consent.items.as_ref().is_some_and(|items| items.len() > ITEMS_MAX) {
            return refuse("items has more than 256 items");
        }
        if consent.actions.as_ref().is_some_and(|actions| *actions != [Action::Read]) {
            return refuse("actions must be [read] or left out");
        }
        if consent.locations.as_ref().is_some_and(|locations| locations.len() != 1) {
            return refuse("locations must name the issuer alone or be left out");
        }
        Ok(consent)
    }

    /// The paths wished for, if not all.
    #[must_use]
    pub fn wish(&self) -> Option<Vec<Path>> {
        let items = self.items.as_ref()?;
        Some(items.iter().map(|item| item.path.clone()).collect())
    }

    /// Checks the request against the offer that it names, and gives the paths asked for.
    ///
    /// # Errors
    /// `invalid_authorization_details`, with the reason.
    pub fn check(&self, offer: &Offer, issuer: &str) -> Result<Vec<Path>, OAuthError> {
        if self.locations.iter().flatten().any(|location| location != issuer) {
            return refuse("locations names another server than this issuer");
        }
        if self.purpose.as_ref().is_some_and(|purpose| purpose.code != offer.purpose.code) {
            return refuse("purpose is not the offer's");
        }
        if self.frequency.is_some_and(|frequency| frequency != offer.frequency) {
            return refuse("frequency is not the offer's");
        }
        if self.data_life_seconds.is_some() && self.data_life_seconds != offer.data_life_seconds {
            return refuse("data_life_seconds is not the offer's");
        }
        offer
            .asked(self.wish().as_deref())
            .or_else(|_| refuse("items is empty, names a path twice, or one that is not offered"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::offer::tests::offer;
    use serde_json::{Value, json};

    const ISSUER: &str = "https://id.example";

    fn details() -> Value {
        json!([{
            "type": CONSENT_TYPE,
            "offer": Digest([1; 32]),
            "locations": [ISSUER],
            "actions": ["read"],
            "items": [{"path": "person.name"}],
            "purpose": {"code": "dpv:IdentityVerification"},
            "frequency": {"uses_max": 3, "period_seconds": 86400},
            "data_life_seconds": 2_592_000,
        }])
    }

    fn outcome(change: impl FnOnce(&mut Value)) -> Result<Vec<String>, String> {
        let mut details = details();
        change(&mut details);
        ConsentRequest::parse(&details.to_string())
            .and_then(|consent| consent.check(&offer(), ISSUER))
            .map(|paths| paths.iter().map(ToString::to_string).collect())
            .map_err(|error| {
                assert_eq!(error.error, ErrorCode::InvalidAuthorizationDetails);
                error.error_description
            })
    }

    #[test]
    fn what_agrees_with_the_offer() {
        assert_eq!(outcome(|_| {}), Ok(vec!["person.name".into()]));
        let whole = ConsentRequest::new(Digest([1; 32]));
        assert_eq!(ConsentRequest::parse(&whole.to_parameter()), Ok(whole.clone()));
        assert_eq!(whole.check(&offer(), ISSUER).unwrap().len(), 5);
    }

    #[test]
    fn refusals() {
        type Change = fn(&mut Value);
        let table: &[(Change, &str)] = &[
            (|d| *d = json!([]), "exactly one"),
            (|d| *d = json!([d[0], d[0]]), "exactly one"),
            (|d| *d = d[0].clone(), "sequence"),
            (|d| d[0]["type"] = json!("urn:other"), "unknown variant"),
            (|d| d[0]["more"] = json!(1), "unknown field"),
            (|d| d[0]["items"][0]["more"] = json!(1), "unknown field"),
            (|d| d[0]["offer"] = json!("AA"), "base64url"),
            (|d| d[0]["actions"] = json!(["write"]), "unknown variant"),
            (|d| d[0]["actions"] = json!(["read", "read"]), "actions"),
            (|d| d[0]["locations"] = json!(["https://other.example"]), "locations"),
            (|d| d[0]["locations"] = json!([]), "locations"),
            (|d| d[0]["items"] = json!([]), "items"),
            (|d| d[0]["items"] = json!([{"path": "person.tax"}]), "items"),
            (|d| d[0]["purpose"]["code"] = json!("dpv:Marketing"), "purpose"),
            (|d| d[0]["frequency"]["uses_max"] = json!(4), "frequency"),
            (|d| d[0]["data_life_seconds"] = json!(1), "data_life"),
        ];
        for (change, part) in table {
            let refusal = outcome(change).unwrap_err();
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
        let twice = details().to_string().replacen('{', r#"{"type":"urn:symbolon:consent:v1","#, 1);
        assert!(ConsentRequest::parse(&twice).is_err());
    }
}
