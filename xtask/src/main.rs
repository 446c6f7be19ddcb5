//! All automation of the repository, as `cargo xtask VERB`.
//!
//! Owns what a developer or a build server runs: checks, tests, private engines, generated pages, benchmarks.
//! Never part of the product. Start reading at [`Verb`]; the checks of the tree are in `tidy`.

#![expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]

mod ci;
mod engines;
mod fuzz;
mod generate;
mod process;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "All automation of the fpms repository")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check the shape of the tree: floors, rooms, sizes, names, maps, error pages
    Tidy,
    /// Run every test on every backend; further arguments go to the test runner
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every check a change must pass, cheapest first
    Ci,
    /// Start private PostgreSQL, NATS and Redis, print where they are, and run a command with them (or wait)
    Engines {
        /// The command to run, after `--`; without one the engines stay until Ctrl-C
        #[arg(last = true)]
        command: Vec<String>,
    },
    /// Write the generated pages of docs/reference
    Generate {
        /// Only say which pages are out of date
        #[arg(long)]
        check: bool,
    },
    /// Feed a parser of outside bytes with what libFuzzer finds; needs a C++ compiler
    Fuzz {
        /// A file of fuzz/fuzz_targets, without its ending
        target: String,
        /// How long
        #[arg(long, default_value_t = 120)]
        seconds: u32,
    },
    /// Run a benchmark of `bench/` with optimisation
    Bench {
        /// Its name; without one the list is printed
        name: Option<String>,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Tidy => tidy::run(),
        Verb::Test { arguments } => test::run(&arguments),
        Verb::Ci => ci::run(),
        Verb::Engines { command } => engines::run(&command),
        Verb::Generate { check } => generate::run(check),
        Verb::Fuzz { target, seconds } => fuzz::run(&target, seconds),
        Verb::Bench { name, arguments } => {
            let mut command = workspace::cargo()?;
            command.args(["run", "--release", "--package", "bench", "--"]).args(name).args(arguments);
            process::run(command)
        }
    }
}
