//! The duty that tells entities when nobody has asked them anything for a while. One
//! round over the directory costs less than a timer for each of 100,000 entities.

use crate::directory::Directory;
use crate::duty::Duty;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Idle {
    directory: Arc<Directory>,
}

impl Idle {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

impl Duty for Idle {
    type Memory = ();

    async fn round(&self, (): &mut ()) -> Duration {
        self.directory.tell_idle();
        self.directory.limits.idle_round
    }
}
