//! Symbolon's rules, pure.
//!
//! This crate decides and never does: it holds the entities and their acts, the
//! key tree, object format, seals and signatures, the rules of OAuth and `DPoP`,
//! the layout of stored keys, and the *ports* through which the rest of the
//! system reaches a store, a clock, randomness and fast cryptography.
//!
//! What it deliberately has not: tokio, I/O, a clock, a source of randomness.
//! Time and random values are arguments. The same code runs in a node, in a
//! wallet and (compiled to WebAssembly) in a page.

pub mod act;
pub mod api;
pub mod bytes;
pub mod cbor;
pub mod crypto;
pub mod document;
pub mod dpop;
pub mod entity;
pub mod id;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod key;
pub mod log;
pub mod manifest;
pub mod oauth;
pub mod path;
pub mod port;
pub mod record;
pub mod rejection;
pub mod secret;
pub mod time;
pub mod webauthn;

pub use id::{Id, Kind, Region};
pub use path::Path;
pub use rejection::Rejection;
pub use time::Timestamp;
