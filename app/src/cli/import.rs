//! `fpms import`: a faculty from its spreadsheets.

use std::{
    io::{IsTerminal, Write, stderr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Result, bail};
use projects::{
    actions::{
        import_cohort::{OnProgress, Report},
        import_dir::{ImportDir, import_dir},
    },
    model::import::{Mode, Outcome},
};

use super::{block_on, look, place::Place, report};
use crate::{parts::Parts, services};

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
    /// Print the refused rows as an array of `{file, line, column, reason}`, or, when it comes to no rows, an object that says
    /// why: `{code, detail, errors, ...}`
    #[arg(long)]
    pub json: bool,
    /// Keep the good rows although others are refused; without it one refused row refuses all
    #[arg(long)]
    pub good_rows: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Imports, or says what an import would do. The exit status is 1 when refused rows kept everything out.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let report = match report(arguments) {
        Ok(report) => report,
        Err(error) => {
            if arguments.json {
                // Whoever reads the output as JSON finds some, whatever happened.
                writeln!(out, "{:#}", report::as_json(&error))?;
            }
            return Err(error);
        }
    };
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report.refusals)?)?;
    } else {
        print(&report, out)?;
    }
    match report.outcome {
        Outcome::Refused => bail!(
            "{} of {} rows were refused, so nothing was kept; mend them, or keep the others with --good-rows",
            report.rows_refused,
            report.rows_read
        ),
        _ => Ok(()),
    }
}

fn report(arguments: &Arguments) -> Result<Report> {
    if arguments.dry_run {
        look(&arguments.place, async |parts| import(parts, arguments).await)
    } else {
        block_on(&arguments.place, async |parts| import(parts, arguments).await)
    }
}

async fn import(parts: &Parts, arguments: &Arguments) -> Result<Report> {
    let tenant = services::tenant(parts, &arguments.tenant).await?;
    let how = ImportDir {
        tenant: tenant.id,
        cycle: None,
        mode: if arguments.good_rows { Mode::GoodRows } else { Mode::AllOrNothing },
        dry_run: arguments.dry_run,
        progress: progress(),
    };
    let database = parts.database("projects", projects::schema()).await?;
    let report = import_dir(&database, &arguments.folder, how).await?;
    if !arguments.dry_run {
        // People get their accounts now, and not only when a node next runs.
        services::settle(parts).await?;
    }
    Ok(report)
}

/// Shows progress on a terminal; a file or a pipe gets none.
fn progress() -> Option<OnProgress> {
    if !stderr().is_terminal() {
        return None;
    }
    Some(Arc::new(|done, total| {
        let end = if done == total { "\n" } else { "" };
        // A terminal that is gone is no reason to stop.
        let _ = write!(stderr(), "\r{done} of {total} rows\u{1b}[K{end}");
    }))
}

fn print(report: &Report, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{:<16} {:>8} {:>8} {:>8} {:>8} {:>9}", "", "rows", "refused", "new", "changed", "unchanged")?;
    for kind in &report.kinds {
        let name = serde_json::to_value(kind.kind)?;
        let name = name.as_str().unwrap_or_default();
        let (rows, refused) = (kind.rows_read, kind.rows_refused);
        writeln!(out, "{name:<16} {rows:>8} {refused:>8} {:>8} {:>8} {:>9}", kind.new, kind.changed, kind.unchanged)?;
    }
    for refusal in &report.refusals {
        writeln!(out, "{}:{} {}: {}", refusal.file, refusal.line, refusal.column, refusal.reason)?;
    }
    match report.outcome {
        Outcome::DryRun => writeln!(out, "a dry run: nothing was kept")?,
        Outcome::Refused => {}
        Outcome::Imported => {
            writeln!(out, "imported {} of {} rows", report.rows_read - report.rows_refused, report.rows_read)?;
        }
    }
    Ok(())
}
