//! Hosts with a network of their own each: namespaces of the kernel, joined by
//! virtual cables to a bridge that lies in one, too.
//!
//! Nothing of this machine's own network is touched. All of it is made by `ip`
//! and `tc`, and needs root. It is gone when this is dropped; what a killed
//! process has left, the next one takes away.

use std::io;
use std::path::Path;
use std::process::Command;

use lab::rerun_self;

/// What names begin with; the process's number follows.
const NAME: &str = "turns-";
/// What the hosts' addresses begin with, in their own network.
pub const NET: &str = "10.77.0.";

/// So many hosts' networks.
pub struct Namespaces(Vec<String>);

impl Namespaces {
    /// Makes them. `link` is what `tc` is told of each host's cable, or
    /// nothing: `netem delay 5ms`, `tbf rate 100mbit …`.
    ///
    /// # Errors
    /// What the first tool said that could not.
    pub fn make(hosts: usize, link: &str) -> Result<Namespaces, String> {
        clear();
        let name = |what: &str| format!("{NAME}{}-{what}", std::process::id());
        let bridge = name("bridge");
        // From here on, dropping it clears up.
        let mut made = Namespaces(vec![bridge.clone()]);
        ip(&format!("netns add {bridge}"))?;
        ip(&format!("-n {bridge} link add hub type bridge"))?;
        ip(&format!("-n {bridge} link set hub up"))?;
        for host in 0..hosts {
            let own = name(&host.to_string());
            made.0.push(own.clone());
            ip(&format!("netns add {own}"))?;
            let peer = format!("peer name h{host} netns {bridge}");
            ip(&format!("-n {own} link add cable type veth {peer}"))?;
            ip(&format!("-n {bridge} link set h{host} master hub up"))?;
            ip(&format!(
                "-n {own} address add {NET}{}/24 dev cable",
                host + 1
            ))?;
            ip(&format!("-n {own} link set cable up"))?;
            if !link.is_empty() {
                let words = format!("-n {own} qdisc add dev cable root {link}");
                tool("tc", &words)?;
            }
        }
        Ok(made)
    }

    /// This program, started again as a child in the network of host `args[0]`.
    ///
    /// # Errors
    /// When the system cannot say where this program lies.
    pub fn command(&self, child: &str, args: &[String]) -> io::Result<Command> {
        let host: usize = args[0].parse().map_err(io::Error::other)?;
        let program = rerun_self(child, args)?;
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0[host + 1]]);
        command.arg(program.get_program()).args(program.get_args());
        Ok(command)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.0 {
            // With a namespace go its ends of cables, and so the cables.
            let _ = ip(&format!("netns delete {name}"));
        }
    }
}

/// Takes away what processes have left that are gone.
fn clear() {
    let Ok(out) = Command::new("ip").args(["netns", "list"]).output() else {
        return;
    };
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let pid =
            name.strip_prefix(NAME).and_then(|rest| rest.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = ip(&format!("netns delete {name}"));
        }
    }
}

fn ip(words: &str) -> Result<(), String> {
    tool("ip", words)
}

fn tool(name: &str, words: &str) -> Result<(), String> {
    let out = Command::new(name)
        .args(words.split(' '))
        .output()
        .map_err(|e| format!("{name} does not start: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr);
    let first = said.lines().next().unwrap_or("it gave no reason");
    Err(format!("{name} {words}: {first}"))
}
