//! The command line of `fpms`: one file per command.
//!
//! Owns how commands are called and how their failures are shown. Never does a command's work itself: that is in its file.
//! Start reading at [`Command`].

pub mod config;
pub mod doctor;
pub mod import;
pub mod migrate;
pub mod place;
pub mod reference;
pub mod report;
pub mod serve;
pub mod tenant;
pub mod user;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Parser, Subcommand};

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
        Command::Config(arguments) => config::run(&arguments, out),
        Command::Reference(arguments) => reference::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_free_of_contradictions() {
        Arguments::command().debug_assert();
        for command in [
            serve::Arguments::augment(),
            import::Arguments::augment(),
            tenant::Arguments::augment(),
            user::Arguments::augment(),
            migrate::Arguments::augment(),
            doctor::Arguments::augment(),
        ] {
            command.debug_assert();
        }
    }

    /// A command of its own for arguments that stand below another.
    trait Augment: clap::Args {
        fn augment() -> clap::Command {
            Self::augment_args(clap::Command::new("x"))
        }
    }
    impl<T: clap::Args> Augment for T {}
}
