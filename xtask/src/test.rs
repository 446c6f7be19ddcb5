//! `cargo xtask test`: every test on every backend, with engines of their own.

use std::process::Command;

use anyhow::Result;

use crate::{
    engines::{Engines, missing},
    process::{self, Interrupt},
    workspace,
};

/// Starts the engines and runs all tests, those in documentation too.
/// With `arguments` only what they choose is run; they go to the runner.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    missing::provide()?;
    let engines = Engines::start()?;
    let run = |command: Command| process::run_until(require(command, &engines), &interrupt);

    let everything = arguments.is_empty();
    let one_package = arguments.iter().any(|argument| ["-p", "--package"].contains(&argument.as_str()));
    let scope: &[&str] = if one_package { &[] } else { &["--workspace"] };
    let mut tests = if process::find("cargo-nextest").is_some() {
        if everything {
            // These it does not run.
            run(cargo(&["test", "--workspace", "--doc", "--quiet"])?)?;
        }
        cargo(&["nextest", "run", "--cargo-quiet", "--no-fail-fast"])?
    } else {
        if everything {
            // What is compiled is nobody's news; without this it stands between the results.
            run(cargo(&["test", "--workspace", "--no-run", "--quiet"])?)?;
        }
        cargo(&["test", "--no-fail-fast"])?
    };
    tests.args(scope).args(arguments);
    run(tests)
}

fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = workspace::cargo()?;
    command.args(arguments);
    Ok(command)
}

/// Tells the tests where the engines are, and that a missing one is a failure and no reason to skip.
fn require(mut command: Command, engines: &Engines) -> Command {
    command.envs(engines.variables()).env("FPMS_TEST_REQUIRE", "1");
    command
}
