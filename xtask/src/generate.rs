//! `cargo xtask generate`: the pages of docs/reference, which the product itself writes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use crate::{process, workspace};

const REFERENCE: &str = "docs/reference";
/// Below it, the versions of each type of event.
const EVENTS: &str = "events";

/// Writes the pages, or with `check` names those that are out of date.
pub(crate) fn run(check: bool) -> Result<()> {
    let folder = workspace::root()?.join(REFERENCE);
    if !check {
        return write(&folder);
    }
    let fresh = tempfile::tempdir()?;
    // What was published binds what may be written.
    copy(&folder.join(EVENTS), &fresh.path().join(EVENTS))?;
    write(fresh.path())?;
    let stale = differences(&read(&folder)?, &read(fresh.path())?);
    if !stale.is_empty() {
        for (path, what) in &stale {
            println!("{REFERENCE}/{}:1: {what}; run `cargo xtask generate`", path.display());
        }
        bail!("{} generated pages are out of date", stale.len());
    }
    Ok(())
}

fn write(folder: &Path) -> Result<()> {
    let mut command = workspace::cargo()?;
    command.args(["run", "--package", "fpms", "--quiet", "--", "reference"]).arg(folder);
    process::run(command)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for (path, content) in read(from)? {
        fs::write(to.join(&path), content).with_context(|| format!("{} cannot be copied", path.display()))?;
    }
    Ok(())
}

type Pages = BTreeMap<PathBuf, Vec<u8>>;

fn read(folder: &Path) -> Result<Pages> {
    let mut pages = Pages::new();
    if !folder.exists() {
        return Ok(pages);
    }
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let content =
                fs::read(entry.path()).with_context(|| format!("{} is unreadable", entry.path().display()))?;
            pages.insert(entry.path().strip_prefix(folder)?.to_path_buf(), content);
        }
    }
    Ok(pages)
}

fn differences(kept: &Pages, fresh: &Pages) -> Vec<(PathBuf, &'static str)> {
    let mut found = Vec::new();
    for (path, content) in fresh {
        match kept.get(path) {
            None => found.push((path.clone(), "is missing")),
            Some(old) if old != content => found.push((path.clone(), "differs from what the code says")),
            Some(_) => {}
        }
    }
    let left_over = kept.keys().filter(|path| !fresh.contains_key(*path));
    found.extend(left_over.map(|path| (path.clone(), "is no longer generated, remove it")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(files: &[(&str, &str)]) -> Pages {
        files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn missing_changed_and_left_over_pages_are_named() {
        let kept = pages(&[("a.md", "old"), ("c.md", "gone"), ("same.md", "same")]);
        let fresh = pages(&[("a.md", "new"), ("b.md", "b"), ("same.md", "same")]);
        let found: Vec<String> =
            differences(&kept, &fresh).iter().map(|(path, _)| path.display().to_string()).collect();
        assert_eq!(found, ["a.md", "b.md", "c.md"]);
    }
}
