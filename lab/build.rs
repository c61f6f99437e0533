//! Notes how this build was made, since a timing without its profile means nothing.

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|out| String::from_utf8(out.stdout).ok())
        .unwrap_or_default();
    println!("cargo:rustc-env=LAB_RUSTC={}", version.trim());
    // Cargo says `debug` for every profile that inherits from `dev`.
    let profile = env::var("PROFILE").unwrap_or_default().replace("debug", "dev");
    let opt_level = env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo:rustc-env=LAB_PROFILE={profile}");
    println!("cargo:rustc-env=LAB_OPT_LEVEL={opt_level}");
    println!("cargo:rerun-if-changed=build.rs");
}
