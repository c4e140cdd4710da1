//! The Router port on one node: every entity lives in the local directory.

use crate::directory::Directory;
use std::sync::Arc;
use symbolon_domain::port::{BoxFuture, Call, Outcome, Router};

/// Brings calls to the entities of this node.
///
/// It answers when the entity does. A call that its entity has not begun by its deadline
/// is dropped; whoever waits no longer drops the future: a command that was begun is
/// finished all the same.
#[derive(Clone)]
pub struct LocalRouter {
    pub(crate) directory: Arc<Directory>,
}

impl Router for LocalRouter {
    fn call(&self, call: Call) -> BoxFuture<'_, Outcome> {
        Box::pin(self.directory.call(call))
    }
}
