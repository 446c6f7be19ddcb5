//! `fpms doctor`: explains a node, and finds what keeps it from working.

use super::place::Place;

/// What `fpms doctor` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print findings as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}
