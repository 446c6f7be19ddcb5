//! `fpms migrate`: brings every shard to this version's tables.

use super::place::Place;

/// What `fpms migrate` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only say what is pending; the exit status is 1 when something is
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub place: Place,
}
