//! What operators send and get, on their own listener.

use super::wire;
use crate::Timestamp;

wire! {
    /// `GET /v1/operator/status`.
    pub struct NodeStatus {
        /// The node's name.
        pub node: String,
        /// Its region.
        pub region: String,
        /// Its version.
        pub version: String,
        /// When it started.
        pub started: Timestamp,
        /// Whether it takes requests; otherwise why not.
        pub ready: bool,
        /// Live entity actors.
        pub actors: u64,
        /// What is wrong with the store, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub store_fault: Option<String>,
    }

    /// A key of the ring, without its secret.
    pub struct KeyView {
        /// What for.
        pub purpose: String,
        /// Its id.
        pub id: String,
        /// Whether new things are made with it.
        pub current: bool,
        /// When it was made.
        pub created: Timestamp,
    }
}
