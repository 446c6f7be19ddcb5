//! `cargo xtask test`: every test on every backend, with engines of their own.

use std::process::Command;

use anyhow::Result;

use crate::{
    engines::{Engines, missing},
    process::{self, Interrupt},
    workspace,
};

/// Starts the engines and runs documentation tests, then all others; `arguments` go to the runner of the latter.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    missing::provide()?;
    let engines = Engines::start()?;

    // The whole run prints little until the tests start: what is compiled is nobody's news.
    let mut build = workspace::cargo()?;
    build.args(["test", "--workspace", "--no-run", "--quiet"]);
    process::run_until(build, &interrupt)?;

    let selective = !arguments.is_empty();
    if !selective {
        let mut documentation = workspace::cargo()?;
        documentation.args(["test", "--workspace", "--doc", "--quiet"]);
        process::run_until(require(documentation, &engines), &interrupt)?;
    }

    let mut tests = workspace::cargo()?;
    if process::find("cargo-nextest").is_some() {
        tests.args(["nextest", "run", "--workspace", "--cargo-quiet", "--no-fail-fast"]);
    } else {
        tests.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    tests.args(arguments);
    process::run_until(require(tests, &engines), &interrupt)
}

/// Tells the tests where the engines are, and that a missing one is a failure and no reason to skip.
fn require(mut command: Command, engines: &Engines) -> Command {
    command.envs(engines.variables()).env("FPMS_TEST_REQUIRE", "1");
    command
}
