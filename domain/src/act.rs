//! Acts: what touches more than one entity, committed as one batch.
//!
//! An act is a pure function from loaded heads to events per entity. The scarce entity
//! leads it: the grant for an approval and a read, the code for its redemption. Keys are
//! unwrapped and wrapped, signatures verified and rules asked *before* the act, on the
//! node that received the request; the act sees hashes, wraps and verdicts.

pub mod approve;
pub mod read;
pub mod redeem;
