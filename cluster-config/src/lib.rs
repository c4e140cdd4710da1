//! The typed configuration of a node: file, then environment, then flags.
//!
//! [`load`] lays the three over the defaults, refuses every key that nobody knows and
//! says where it stands and what was probably meant. [`Config::check`] lists what is
//! well-formed and still cannot work.

mod check;
mod config;
mod keys;
mod load;

pub use check::Problem;
pub use config::{
    Addresses, Cluster, Config, Engine, Limits, Listeners, LogFormat, Member, StoreConfig,
    Telemetry, Tls, Wallet, Webhooks,
};
pub use load::{ConfigError, Misfit, load};
