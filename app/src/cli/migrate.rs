//! `fpms migrate`: brings every shard to this version's tables.

use std::io::Write;

use anyhow::{Result, bail};

use super::place::Place;
use crate::{parts::Parts, services};

/// What is said at the end when something is.
const PENDING: &str = "migrations are pending; run `fpms migrate`";

/// What `fpms migrate` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only say what is pending; the exit status is 1 when something is
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Applies what is pending, or says what is.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    if arguments.check {
        return super::look(&arguments.place, async |parts| migrate(parts, out).await);
    }
    let mut settings = arguments.place.load(None)?.settings;
    settings.storage.migrate = true;
    super::block_on_settings(settings, async |parts| migrate(parts, out).await)
}

async fn migrate(parts: &Parts, out: &mut impl Write) -> Result<()> {
    // Without the directory nobody knows where the other databases are.
    if let Err(error) = parts.storage().await {
        let pending =
            error.downcast_ref::<storage::Error>().filter(|error| matches!(error, storage::Error::Pending { .. }));
        let Some(pending) = pending else { return Err(error) };
        writeln!(out, "{:<16} {pending}", "directory")?;
        bail!(PENDING);
    }
    writeln!(out, "{:<16} is up to date", "directory")?;
    let mut pending = 0;
    for (service, opened) in services::open_all(parts).await? {
        match opened {
            Ok(_) => writeln!(out, "{service:<16} is up to date")?,
            Err(error @ storage::Error::Pending { .. }) => {
                pending += 1;
                writeln!(out, "{service:<16} {error}")?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if pending > 0 {
        bail!(PENDING);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_at(data: &std::path::Path, check: bool) -> (Result<()>, String) {
        let place = Place { data: Some(data.to_owned()), ..Place::default() };
        let mut out = Vec::new();
        let outcome = run(&Arguments { check, place }, &mut out);
        (outcome, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_check_makes_nothing_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("typo");
        let (outcome, said) = run_at(&data, true);
        let told = super::super::report::describe(&outcome.unwrap_err());
        assert!(told.starts_with("error[CFG-004]: there is no installation in "), "{told}");
        assert!(said.is_empty() && !data.exists(), "{said}");
    }

    #[test]
    fn a_check_counts_what_is_pending_and_leaves_it_so() {
        let data = tempfile::tempdir().unwrap();
        let place = Place { data: Some(data.path().to_owned()), ..Place::default() };
        crate::parts::keyring(&place.load(None).unwrap().settings).unwrap();
        let (outcome, said) = run_at(data.path(), true);
        assert_eq!(outcome.unwrap_err().to_string(), PENDING);
        assert!(said.starts_with("directory        1 migration is pending in `directory`"), "{said}");
        let kept: Vec<_> = std::fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(kept, ["keys"]);
        run_at(data.path(), false).0.unwrap();
        let (outcome, said) = run_at(data.path(), true);
        outcome.unwrap();
        assert!(said.lines().count() > 1 && said.lines().all(|line| line.ends_with(" is up to date")), "{said}");
    }
}
