//! Defaults, then a file, then `SYMBOLON_…` variables, then flags; the later wins.
//!
//! A variable's name is the key in capitals with `__` for the dot:
//! `SYMBOLON_LIMITS__BODY_BYTES=2000000`. Lists are separated by commas.

use crate::check::Problem;
use crate::config::Config;
use crate::keys::{Shape, join, known, nearest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Value;
use toml::de::{DeTable, DeValue};

const PREFIX: &str = "SYMBOLON_";
/// Variables of this prefix that the command line reads itself.
const RESERVED: [&str; 2] = ["SYMBOLON_CONFIG", "SYMBOLON_CLI_"];

/// One setting that does not fit, and where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// `file:line:column`, the variable's or the flag's name.
    pub place: String,
    /// What is wrong with it, and what was probably meant.
    pub text: String,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or a value has the wrong type. The text shows the line.
    #[error("{}: {text}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// The parser's words.
        text: String,
    },
    /// Keys that nobody knows, or values that are not what the key takes.
    #[error("{}", lines(.0))]
    Misfits(Vec<Misfit>),
    /// All well-formed, but it cannot work.
    #[error("{}", lines(.0))]
    Problems(Vec<Problem>),
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Loads and checks the configuration. `flags` are dotted keys with their text, named in
/// errors as `--key`.
///
/// # Errors
/// When a source cannot be read, holds something unknown, or the whole cannot work.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[(String, String)],
) -> Result<Config, ConfigError> {
    let known = known();
    let mut table = match file {
        Some(path) => read_file(path, &known)?,
        None => toml::Table::new(),
    };
    let mut misfits = Vec::new();
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if RESERVED.iter().any(|reserved| name.starts_with(reserved)) {
            continue;
        }
        let key = rest.to_ascii_lowercase().replace("__", ".");
        lay(&mut table, &known, &name, &key, &text, &mut misfits);
    }
    for (key, text) in flags {
        lay(&mut table, &known, &format!("--{key}"), key, text, &mut misfits);
    }
    if !misfits.is_empty() {
        return Err(ConfigError::Misfits(misfits));
    }
    let config: Config = Value::Table(table)
        .try_into()
        .map_err(|error: toml::de::Error| misfit("the configuration", error.message()))?;
    match config.check() {
        problems if problems.is_empty() => Ok(config),
        problems => Err(ConfigError::Problems(problems)),
    }
}

fn misfit(place: &str, text: &str) -> ConfigError {
    ConfigError::Misfits(vec![Misfit { place: place.into(), text: text.into() }])
}

fn read_file(path: &Path, known: &BTreeMap<String, Shape>) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
    let malformed = |error: toml::de::Error| ConfigError::Malformed {
        path: path.into(),
        text: error.to_string().trim_end().to_owned(),
    };
    let document = DeTable::parse(&text).map_err(malformed)?;
    let mut misfits = Vec::new();
    find_unknown(document.get_ref(), "", known, &mut |offset, key| {
        let (line, column) = position(&text, offset);
        misfits.push(Misfit {
            place: format!("{}:{line}:{column}", path.display()),
            text: unknown(key, known),
        });
    });
    if !misfits.is_empty() {
        return Err(ConfigError::Misfits(misfits));
    }
    // As typed settings first: only this parse knows the line of a value of the wrong type.
    toml::from_str::<Config>(&text).map_err(malformed)?;
    text.parse().map_err(malformed)
}

/// Walks the document; what is inside a list of tables is left to serde.
fn find_unknown(
    table: &DeTable<'_>,
    prefix: &str,
    known: &BTreeMap<String, Shape>,
    report: &mut impl FnMut(usize, &str),
) {
    for (name, value) in table {
        let path = join(prefix, name.get_ref());
        if known.contains_key(&path) {
            continue;
        }
        let section = format!("{path}.");
        match value.get_ref() {
            DeValue::Table(inner) if known.keys().any(|key| key.starts_with(&section)) => {
                find_unknown(inner, &path, known, report);
            }
            _ => report(name.span().start, &path),
        }
    }
}

fn unknown(key: &str, known: &BTreeMap<String, Shape>) -> String {
    match nearest(key, known) {
        Some(meant) => format!("unknown key \"{key}\"; did you mean \"{meant}\"?"),
        None => format!("unknown key \"{key}\""),
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Lays one text over the table at the key.
fn lay(
    table: &mut toml::Table,
    known: &BTreeMap<String, Shape>,
    place: &str,
    key: &str,
    text: &str,
    misfits: &mut Vec<Misfit>,
) {
    let value = match known.get(key) {
        None => Err(unknown(key, known)),
        Some(Shape::Text) => Ok(Value::String(text.to_owned())),
        Some(Shape::Texts) => {
            Ok(Value::Array(text.split(',').map(|part| part.trim().into()).collect()))
        }
        Some(Shape::Number) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("{key} takes a whole number, not \"{text}\"")),
        Some(Shape::Tables) => Err(format!("{key} can only be given in the file")),
    };
    match value {
        Ok(value) => {
            // Each source's own value is tried alone, so that an error names its place.
            let mut alone = toml::Table::new();
            set(&mut alone, key, value.clone());
            match Value::Table(alone).try_into::<Config>() {
                Ok(_) => set(table, key, value),
                Err(error) => {
                    misfits.push(Misfit { place: place.into(), text: error.message().to_owned() })
                }
            }
        }
        Err(text) => misfits.push(Misfit { place: place.into(), text }),
    }
}

fn set(table: &mut toml::Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let entry =
                table.entry(section.to_owned()).or_insert_with(|| Value::Table(toml::Table::new()));
            if let Value::Table(inner) = entry {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Engine;

    fn with_file(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path), [], &[])
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
    }

    #[test]
    fn samples_load() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let load = |name| load(Some(&folder.join(name)), [], &[]).unwrap();
        // The first sample shows the defaults; it must go on doing so.
        assert_eq!(load("one-node.toml"), Config::default());
        let region = load("one-region.toml");
        assert_eq!((region.cluster.nodes.len(), region.store.engine), (3, Engine::FoundationDb));
        let regions = load("three-regions.toml");
        assert_eq!((regions.cluster.nodes.len(), regions.store.engine), (3, Engine::Embedded));
    }

    #[test]
    fn the_later_source_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.toml");
        std::fs::write(&path, "node = \"file\"\n[limits]\nbody_bytes = 100000\nconnections = 5\n")
            .unwrap();
        let environment = pairs(&[
            ("SYMBOLON_NODE", "environment"),
            ("SYMBOLON_LIMITS__CONNECTIONS", "6"),
            ("SYMBOLON_LISTENERS__WEB", "[::1]:9443, 127.0.0.1:9443"),
            ("SYMBOLON_CONFIG", "read by the command line"),
            ("PATH", "/bin"),
        ]);
        let config = load(Some(&path), environment, &pairs(&[("node", "flag")])).unwrap();
        assert_eq!(config.node, "flag");
        assert_eq!((config.limits.body_bytes, config.limits.connections), (100_000, 6));
        assert_eq!(config.listeners.web.len(), 2);
    }

    #[test]
    fn an_unknown_key_is_shown_with_line_and_suggestion() {
        let error = with_file("node = \"a\"\n\n[limits]\nbody_byte = 1\n\n[listener]\nx = 1\n");
        let Err(ConfigError::Misfits(misfits)) = error else { panic!("{error:?}") };
        assert_eq!(misfits.len(), 2);
        assert!(misfits[0].place.ends_with("node.toml:4:1"), "{}", misfits[0]);
        assert!(misfits[0].text.contains("did you mean \"limits.body_bytes\""), "{}", misfits[0]);
        assert!(misfits[1].place.ends_with("node.toml:6:2"), "{}", misfits[1]);
    }

    #[test]
    fn a_wrong_value_is_shown_with_its_place() {
        let error = with_file("\n[limits]\nconnections = \"many\"\n").unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        let error = with_file("[[cluster.nodes]]\nregion = \"eu1\"\nnod = \"a\"\npeer = \"h:1\"");
        assert!(error.unwrap_err().to_string().contains("line 3"));
        for (variable, text) in [
            ("SYMBOLON_LIMITS__CONNECTIONS", "many"),
            ("SYMBOLON_LISTENERS__WEB", "localhost"),
            ("SYMBOLON_STORE__ENGINE", "sqlite"),
            ("SYMBOLON_CLUSTER__NODES", "a,b"),
            ("SYMBOLON_REGOIN", "eu1"),
        ] {
            match load(None, pairs(&[(variable, text)]), &[]) {
                Err(ConfigError::Misfits(misfits)) => {
                    assert_eq!((misfits.len(), misfits[0].place.as_str()), (1, variable));
                }
                other => panic!("{variable}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let outcome = load(None, [], &pairs(&[("wallet.origin", "http://localhost")]));
        assert!(matches!(outcome, Err(ConfigError::Problems(problems)) if problems.len() == 1));
        assert!(matches!(
            load(Some(Path::new("/nowhere/x.toml")), [], &[]),
            Err(ConfigError::Unreadable { .. })
        ));
    }
}
