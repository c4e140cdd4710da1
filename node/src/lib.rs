//! Node.

pub mod crypto;
