//! The embedded engine: the port's sentences, its folder, its limits.

use super::*;
use crate::conformance::{self, Subject};

fn options() -> EmbeddedOptions {
    EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() }
}

struct OnDisk(tempfile::TempDir);

impl Subject for OnDisk {
    fn empty(&mut self) -> Arc<dyn Store> {
        self.0 = tempfile::tempdir().unwrap();
        self.reopen()
    }

    fn reopen(&mut self) -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(self.0.path(), &options()).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let mut subject = OnDisk(tempfile::tempdir().unwrap());
    assert!(conformance::run(&mut subject).await.unwrap() > 20);
}
