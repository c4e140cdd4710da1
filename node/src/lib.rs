//! The node: what listens, keeps keys, tells and stops; the handlers stand on it.

pub mod blobs;
pub mod cli;
pub mod clock;
pub mod crypto;
pub mod data_folder;
pub mod demo;
pub mod http;
pub mod listen;
pub mod node;
pub mod restore;
pub mod retention;
pub mod rule;
pub mod shutdown;
pub mod stored;
pub mod telemetry;
pub mod tls;
pub mod webhook;
