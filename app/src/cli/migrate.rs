//! `fpms migrate`: brings every shard to this version's tables.

use std::io::Write;

use anyhow::{Result, bail};

use super::place::Place;
use crate::{parts::Parts, services};

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
    let mut settings = arguments.place.load(None)?.settings;
    settings.storage.migrate = !arguments.check;
    super::block_on_settings(settings, async |parts| migrate(parts, out).await)
}

async fn migrate(parts: &Parts, out: &mut impl Write) -> Result<()> {
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
        bail!("migrations are pending; run `fpms migrate`");
    }
    Ok(())
}
