//! Prepare: what the receiving node verifies before an act. Everything that is wrong is wrong
//! in one way alone, and signed and confirmed as it should be otherwise.

mod approving;
mod lending;
mod redeeming;
mod signing;
mod stage;
