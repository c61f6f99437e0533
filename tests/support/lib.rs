//! What the tests of the whole book share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub use lab::testing::example;
use serde_json::Value;

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo puts what it builds for these tests.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors().nth(2).expect("target/PROFILE/deps/TEST").to_owned()
}

/// The built `cargo book`.
pub fn press() -> PathBuf {
    let path = target().join(format!("press{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is not built; run `cargo test-book`", path.display());
    path
}

/// Runs a command; its output as text, and whether it succeeded.
pub fn run(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.output().expect("a command that starts");
    let text = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    (status.success(), text.into_owned())
}

/// What cargo says, without what it complains of, such as waiting for another cargo.
pub fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).arg("--offline").current_dir(root());
    let out = command.output().expect("cargo starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("cargo writes UTF-8")
}

/// The workspace, as `cargo metadata` describes it.
pub fn metadata(more: &[&str]) -> Value {
    let arguments = [&["metadata", "--format-version", "1"], more].concat();
    serde_json::from_str(&cargo(&arguments)).expect("cargo writes JSON")
}
