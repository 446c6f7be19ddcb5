//! `fpms import`: a faculty from its spreadsheets.

use std::path::PathBuf;

use super::place::Place;

/// What `fpms import` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of the spreadsheets, CSV or XLSX
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// University to import into
    #[arg(long)]
    pub tenant: String,
    /// Check everything and say what would happen, but keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the refused rows as an array of `{file, line, column, reason}`
    #[arg(long)]
    pub json: bool,
    /// Keep the good rows although others are refused; without it one refused row refuses all
    #[arg(long)]
    pub good_rows: bool,
    #[command(flatten)]
    pub place: Place,
}
