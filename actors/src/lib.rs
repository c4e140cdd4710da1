//! The shell around the entities and its ractor actors.

pub mod prepare;
