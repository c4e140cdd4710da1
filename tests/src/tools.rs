//! Tools that a machine may not have. Without them a check says that it is left out, unless
//! `SYMBOLON_REQUIRE_ALL` is set, as CI does.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether the command runs and succeeds. Panics where nothing may be left out.
pub(crate) fn available(what: &str, program: &str, arguments: &[&str]) -> bool {
    available_in(what, &root(), program, arguments)
}

/// The same in a folder.
pub(crate) fn available_in(what: &str, folder: &Path, program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let there = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        assert!(
            std::env::var_os("SYMBOLON_REQUIRE_ALL").is_none(),
            "{what} is needed for this check and is not there"
        );
        eprintln!("LEFT OUT: this check needs {what}");
    }
    there
}
