//! `cargo book calibrate`: measures what is known before, and says what the lab made of it.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab::noise::{FOREIGN_LIMIT, Listen, Listener};

use super::{measure, say};
use crate::ask::condition::Verdict;
use crate::ask::planted::{ALL, EXPERIMENT};
use crate::outside::project::Project;
use crate::store::record::Record;
use crate::store::results::LOCAL;

/// How long is listened, and how long the planted load lasts.
const STRETCH: Duration = Duration::from_millis(1500);

/// Measures `calibration`, plants a foreign load, and prints what was found.
///
/// # Errors
/// When something that was planted was not found, or something was found that was not planted,
/// and for options that make no sense with it.
pub fn calibrate(project: &Project, options: measure::Options) -> Result<()> {
    if options.go_on || !options.experiments.is_empty() {
        bail!(
            "calibrate measures `{EXPERIMENT}` from its beginning, and takes neither experiments \
             nor --continue; `cargo book measure` does"
        );
    }
    let machine = options.machine.clone().unwrap_or_else(|| LOCAL.to_owned());
    let experiments = vec![EXPERIMENT.to_owned()];
    measure::measure(project, measure::Options { experiments, ..options })?;
    let file = project.results_folder().join(machine).join(format!("{EXPERIMENT}.json"));
    let record = Record::read(&file)?;
    let mut missed = 0;
    let mut out = String::from("\n");
    for planted in &ALL {
        let (verdict, measured) = planted.found(&record);
        let (what, found) = (planted.what, verdict.to_string());
        out.push_str(&format!("  {what:<52} {found:<14} {measured}\n"));
        missed += u32::from(verdict == Verdict::Fails);
    }
    for (what, load) in [("no foreign load", false), ("a foreign load on one core", true)] {
        let heard = foreign(load)?;
        let (verdict, measured) = match heard {
            None => (Verdict::Untried, "this platform does not say".to_owned()),
            Some(share) => {
                let is_right = (share > FOREIGN_LIMIT) == load;
                let verdict = if is_right { Verdict::Holds } else { Verdict::Fails };
                (verdict, format!("{:.0} % of the machine", share * 100.0))
            }
        };
        out.push_str(&format!("  {what:<52} {:<14} {measured}\n", verdict.to_string()));
        missed += u32::from(verdict == Verdict::Fails);
    }
    say::answer(&out)?;
    if missed > 0 {
        bail!("{missed} known answers were not found: do not trust this machine's numbers yet");
    }
    Ok(())
}

/// The share of the machine that others use while one of its cores is (or is not) kept busy by
/// a process that is not ours; `None` where that cannot be told or planted.
fn foreign(load: bool) -> Result<Option<f64>> {
    if cfg!(not(unix)) {
        return Ok(None);
    }
    let mut listener = Listener::new();
    if load {
        // Left behind by its parent it is nobody's descendant, as a stranger's is; and it ends
        // by itself.
        let status = Command::new("sh")
            .args(["-c", "timeout 1.5 sh -c 'while :; do :; done' &"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("cannot start sh")?;
        if !status.success() {
            return Ok(None);
        }
    }
    thread::sleep(STRETCH);
    Ok(listener.listen().map(|noise| noise.foreign))
}
