//! Tools that fill a terminal, read as text.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

/// What the tool shows until it is told `q`, as words.
///
/// # Panics
/// When there is no such tool, or when it says that it failed: what it shows
/// then is not an answer.
pub fn words(tool: &mut Command) -> Vec<String> {
    tool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = tool.spawn().expect("a tool that is installed");
    let _ = child.stdin.take().expect("stdin is piped").write_all(b"q");
    let out = child.wait_with_output().expect("its output");
    let complaint = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{tool:?}: {} {complaint}", out.status);
    let screen = plain(&String::from_utf8_lossy(&out.stdout));
    screen.split_whitespace().map(str::to_owned).collect()
}

/// A screen without the commands to the terminal, such as ESC [ 9 ; 1 H.
fn plain(screen: &str) -> String {
    let mut parts = screen.split('\x1b');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_alphabetic()).unwrap_or(0);
        out.push(' ');
        out.push_str(part.get(end + 1..).unwrap_or_default());
    }
    out.replace(char::is_control, " ")
}

/// What the tool says of itself. `None`: it is not on the path.
pub fn version(tool: impl AsRef<OsStr>) -> Option<String> {
    let out = Command::new(tool).arg("-V").output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let first = text.lines().next().unwrap_or_default().trim().to_owned();
    out.status.success().then_some(first)
}
