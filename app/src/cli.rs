//! The command line of `fpms`: one file per command.
//!
//! Owns how commands are called and how their failures are shown. Never does a command's work itself: that is in its file.
//! Start reading at [`Command`].

pub mod config;
pub mod doctor;
pub mod events;
pub mod gateway;
pub mod import;
pub mod keys;
pub mod migrate;
pub mod place;
pub mod reference;
pub mod registry;
pub mod report;
pub mod serve;
pub mod tenant;
pub mod user;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use runtime::Shutdown;
use tokio::runtime::Runtime;

use crate::{parts::Parts, settings::Settings};

/// Longest wait for the tasks of a command to end.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// The Final Project Management System of a university: topics, proposals, supervision, milestones, submission.
#[derive(Debug, Parser)]
#[command(name = "fpms", version, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a node in the roles it is given, until it is asked to stop
    Serve(serve::Arguments),
    /// Add and print universities
    Tenant(tenant::Arguments),
    /// Add people to a university
    User(user::Arguments),
    /// Bring a faculty in from its spreadsheets
    Import(import::Arguments),
    /// Print and exchange the root secrets
    Keys(keys::Arguments),
    /// Bring every database to this version's tables
    Migrate(migrate::Arguments),
    /// Explain this node, and find what keeps it from working
    Doctor(doctor::Arguments),
    /// Check route files and certificates of the gateway, bring route files back, and ask a running one
    Gateway(gateway::Arguments),
    /// Print the nodes there are, and say what is wanted of them
    Registry(registry::Arguments),
    /// Print what is on the event bus and who is behind, show events again, and care for dead letters
    Events(events::Arguments),
    /// Print the settings in force and where each came from
    Config(config::Arguments),
    /// Write the generated reference pages into a folder
    Reference(reference::Arguments),
}

/// Runs the process's command and shows what went wrong, on standard error.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if report::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // When even standard error is closed there is nobody left to tell.
            let _ = io::stderr().lock().write_all(report::describe(&error).as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// Runs a command that prints to `out`.
pub fn run(command: Command, out: &mut impl Write) -> Result<()> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments, out),
        Command::Tenant(arguments) => tenant::run(&arguments, out),
        Command::User(arguments) => user::run(&arguments, out),
        Command::Import(arguments) => import::run(&arguments, out),
        Command::Keys(arguments) => keys::run(&arguments, out),
        Command::Migrate(arguments) => migrate::run(&arguments, out),
        Command::Doctor(arguments) => doctor::run(&arguments, out),
        Command::Gateway(arguments) => gateway::run(&arguments, out),
        Command::Registry(arguments) => registry::run(&arguments, out),
        Command::Events(arguments) => events::run(&arguments, out),
        Command::Config(arguments) => config::run(&arguments, out),
        Command::Reference(arguments) => reference::run(&arguments),
    }
}

/// Runs `work` over the parts of the installation at `place`, and ends them.
fn block_on<T>(place: &place::Place, work: impl AsyncFnOnce(&Parts) -> Result<T>) -> Result<T> {
    block_on_settings(place.existing()?, work)
}

/// Runs `work` over the parts of the installation at `place`, which it only looks at: pending migrations stay pending.
fn look<T>(place: &place::Place, work: impl AsyncFnOnce(&Parts) -> Result<T>) -> Result<T> {
    block_on_settings(unmigrated(place.existing()?), work)
}

/// Returns the settings of an installation that is opened as it is.
fn unmigrated(mut settings: Settings) -> Settings {
    settings.storage.migrate = false;
    settings
}

/// Starts the runtime of a command.
fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")
}

fn block_on_settings<T>(settings: Settings, work: impl AsyncFnOnce(&Parts) -> Result<T>) -> Result<T> {
    runtime()?.block_on(async {
        let shutdown = Shutdown::new();
        let parts = Parts::new(settings, shutdown.clone())?;
        let outcome = work(&parts).await;
        shutdown.begin();
        shutdown.drain(DRAIN_MAX).await.context("ending the tasks")?;
        outcome
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_free_of_contradictions() {
        Arguments::command().debug_assert();
    }
}
