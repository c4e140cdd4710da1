//! A JSON document taken apart into items: each member that is no object is one, an array
//! whole; its path is the names that lead to it.

use super::NewItem;
use crate::ClientError;
use serde_json::Value;
use symbolon_domain::Path;

/// Objects within objects, at most: as many as a path has segments.
const DEPTH_MAX: usize = 8;

/// The items of a document, such as `OpenID` Connect claims: `{"address": {"region": "…"}}`
/// is one item at `address.region`. With a prefix all paths begin with it.
///
/// # Errors
/// When the document is no object, or a member's name cannot be in a path.
pub fn items_of_document(
    document: &Value,
    prefix: Option<&Path>,
) -> Result<Vec<NewItem>, ClientError> {
    let mut items = Vec::new();
    let prefix = prefix.map_or("", Path::as_str);
    if !document.is_object() {
        return Err(ClientError::input("the document is no JSON object"));
    }
    take_apart(document, prefix, DEPTH_MAX, &mut items)?;
    Ok(items)
}

fn take_apart(
    value: &Value,
    path: &str,
    depth: usize,
    items: &mut Vec<NewItem>,
) -> Result<(), ClientError> {
    let wrong = |why: &str| ClientError::input(format!("{path}: {why}"));
    if let Value::Object(members) = value {
        if depth == 0 {
            return Err(wrong("is nested too deep for a path"));
        }
        for (name, member) in members {
            let dot = if path.is_empty() { "" } else { "." };
            take_apart(member, &format!("{path}{dot}{name}"), depth - 1, items)?;
        }
        return Ok(());
    }
    let value = serde_json::to_vec(value).map_err(|error| wrong(&error.to_string()))?;
    let parsed: Path =
        path.parse().map_err(|error: symbolon_domain::path::NotAPath| wrong(&error.to_string()))?;
    items.push(NewItem { path: parsed, media_type: "application/json".into(), value });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_become_items() {
        let document = serde_json::json!({
            "name": "Ada", "address": { "region": "X", "lines": ["a", "b"] }, "verified": true,
        });
        let prefix = "oidc".parse().unwrap();
        let items = items_of_document(&document, Some(&prefix)).unwrap();
        let mut found: Vec<(&str, &[u8])> =
            items.iter().map(|item| (item.path.as_str(), item.value.as_slice())).collect();
        found.sort();
        let expected: [(&str, &[u8]); 4] = [
            ("oidc.address.lines", br#"["a","b"]"#),
            ("oidc.address.region", br#""X""#),
            ("oidc.name", br#""Ada""#),
            ("oidc.verified", b"true"),
        ];
        assert_eq!(found, expected);
        assert!(items_of_document(&serde_json::json!([1]), None).is_err());
        assert!(items_of_document(&serde_json::json!({"A b": 1}), None).is_err());
    }
}
