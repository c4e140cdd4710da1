//! The pure part of OAuth: what a request may hold, what its answers are, which error says
//! what. The profile is FAPI 2.0: pushed requests (RFC 9126) with `authorization_details`
//! (RFC 9396), PKCE S256 (RFC 7636), tokens bound to certificates (RFC 8705).
//!
//! Handlers are the node's. Parameters that no specification here names are ignored, as
//! RFC 6749 section 3.1 demands; those that are named may stand once.

pub mod authorization_details;
pub mod error;
pub mod form;
pub mod introspection;
pub mod metadata;
pub mod par;
pub mod pkce;
pub mod token_request;

pub use error::{ErrorCode, OAuthError};
