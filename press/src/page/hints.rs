//! Hints of exercises: each chapter's lie in its `exercises/hints.toml`, by the name of the
//! exercise. A page has one, folded, above the solution.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use maud::html;

use super::markdown;

/// The hints of a chapter, which is a folder below `examples/`.
///
/// # Errors
/// When it has none, or they are not understood.
pub fn of_chapter(root: &Path, chapter: &str) -> Result<BTreeMap<String, String>> {
    let file = format!("examples/{chapter}/exercises/hints.toml");
    let text =
        fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
    toml::from_str(&text).with_context(|| format!("{file} is damaged"))
}

/// What a page shows above the solution that lies at `path`; nothing above another file.
pub(super) fn above(root: &Path, path: &str) -> Result<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let ["examples", chapter, "exercises", file] = parts[..] else { return Ok(String::new()) };
    let Some(name) = file.strip_suffix("_solution.rs") else { return Ok(String::new()) };
    let hints = of_chapter(root, chapter)?;
    let hint = hints
        .get(name)
        .with_context(|| format!("examples/{chapter}/exercises/hints.toml has no `{name}`"))?;
    let parts: Vec<&str> = hint.trim().split('`').collect();
    Ok(markdown::block(html! {
        details class="fold hint" {
            summary { "A hint" }
            p {
                @for (n, part) in parts.iter().enumerate() {
                    @if n % 2 == 1 { code { (part) } } @else { (part) }
                }
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_has_its_hint_above_it_and_another_file_has_none() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("examples/a/exercises");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("hints.toml"), "b = \"Look at `a<b>` *once*.\"").unwrap();
        let above = |path: &str| above(root.path(), path);
        let hint = above("examples/a/exercises/b_solution.rs").unwrap();
        assert!(hint.contains("<code>a&lt;b&gt;</code> *once*."), "{hint}");
        assert!(hint.contains("<summary>A hint</summary>"), "{hint}");
        for other in ["examples/a/exercises/b_starter.rs", "examples/a/b_solution.rs"] {
            assert_eq!(above(other).unwrap(), "");
        }
        let missing = above("examples/a/exercises/c_solution.rs").unwrap_err();
        assert!(missing.to_string().contains("has no `c`"), "{missing}");
        assert!(above("examples/d/exercises/c_solution.rs").is_err());
    }
}
