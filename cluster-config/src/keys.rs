//! The known keys and what kind of value each takes; the nearest one to a wrong one.

use crate::config::{Config, Member};
use std::collections::BTreeMap;
use toml::Value;

/// What a key takes, as far as a text must be turned into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A whole number.
    Number,
    /// A text: also paths and the names of choices.
    Text,
    /// A list of texts.
    Texts,
    /// A list of tables, which only a file can give.
    Tables,
}

/// Every key of the configuration by its dotted path; sections are not among them.
pub(crate) fn known() -> BTreeMap<String, Shape> {
    let mut full = Config { pages: Some("x".into()), ..Config::default() };
    // What is absent by default would not be serialized.
    full.tls.certificate = Some("x".into());
    full.tls.key = Some("x".into());
    full.tls.partner_ca = Some("x".into());
    full.tls.operator_ca = Some("x".into());
    full.store.cluster_file = Some("x".into());
    full.webhooks.ca = Some("x".into());
    full.cluster.nodes =
        vec![Member { region: String::new(), node: String::new(), peer: String::new() }];
    let mut keys = BTreeMap::new();
    if let Ok(Value::Table(table)) = Value::try_from(full) {
        collect("", &table, &mut keys);
    }
    keys
}

fn collect(prefix: &str, table: &toml::Table, keys: &mut BTreeMap<String, Shape>) {
    for (name, value) in table {
        let path = join(prefix, name);
        let shape = match value {
            Value::Table(inner) => {
                collect(&path, inner, keys);
                continue;
            }
            Value::Array(items) if matches!(items.first(), Some(Value::Table(_))) => Shape::Tables,
            Value::Array(_) => Shape::Texts,
            Value::Integer(_) => Shape::Number,
            _ => Shape::Text,
        };
        keys.insert(path, shape);
    }
}

pub(crate) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// The known key or section that was probably meant.
pub(crate) fn nearest(wrong: &str, known: &BTreeMap<String, Shape>) -> Option<String> {
    let sections = known.keys().filter_map(|key| key.rsplit_once('.').map(|(section, _)| section));
    let candidates = known.keys().map(String::as_str).chain(sections);
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let score = |candidate: &str| {
        // The right name in the wrong section is a slip of one.
        let misplaced = 1 + distance(&last(wrong), &last(candidate));
        distance(wrong, candidate).min(misplaced)
    };
    let (best, candidate) = candidates.map(|one| (score(one), one)).min()?;
    (best <= 1 + last(wrong).len() / 3).then(|| candidate.to_owned())
}

/// Levenshtein's distance.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&other) {
            let value = (*cell + 1).min(left + 1).min(diagonal + usize::from(a != *b));
            diagonal = *cell;
            *cell = value;
            left = value;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys() {
        let keys = known();
        assert_eq!(keys.get("limits.body_bytes"), Some(&Shape::Number));
        assert_eq!(keys.get("listeners.web"), Some(&Shape::Texts));
        assert_eq!(keys.get("tls.operator_ca"), Some(&Shape::Text));
        assert_eq!(keys.get("cluster.nodes"), Some(&Shape::Tables));
        assert_eq!(keys.get("limits"), None);
    }

    #[test]
    fn nearest_key() {
        let keys = known();
        let nearest = |wrong| nearest(wrong, &keys);
        assert_eq!(nearest("regoin").as_deref(), Some("region"));
        assert_eq!(nearest("limits.body_byte").as_deref(), Some("limits.body_bytes"));
        assert_eq!(nearest("body_bytes").as_deref(), Some("limits.body_bytes"));
        assert_eq!(nearest("listener").as_deref(), Some("listeners"));
        assert_eq!(nearest("frobnicate"), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "abc")), (3, 3));
    }

    #[test]
    fn every_key_that_the_sample_shows_is_known() {
        let keys = known();
        let mut section = "";
        let mut shown = 0;
        for line in include_str!("../samples/one-node.toml").lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                section = name;
            }
            // What has no default stands there as a comment.
            let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") else { continue };
            assert!(keys.contains_key(&join(section, key)), "{section} {key}");
            shown += 1;
        }
        assert!(shown > 30, "{shown}");
    }
}
