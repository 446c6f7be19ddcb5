//! `cargo xtask ci`: every check a change must pass, cheapest first, stopping at the first that fails.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{generate, process, test, tidy, workspace};

struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
}

/// In the order of their cost. The tests are last, so that a log ends with their summary and the times.
const STEPS: [Step; 6] = [
    Step { name: "fmt", run: || cargo(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", run: tidy::run },
    Step { name: "clippy", run: clippy },
    Step { name: "generate --check", run: || generate::run(true) },
    Step { name: "doc", run: documentation },
    Step { name: "test", run: || test::run(&[]) },
];

/// Runs all steps and prints how long each took.
pub(crate) fn run() -> Result<()> {
    let mut times = Vec::new();
    for step in &STEPS {
        println!("==> {}", step.name);
        let started = now();
        let result = (step.run)().with_context(|| format!("ci stopped at `{}`", step.name));
        times.push((step.name, started.elapsed()));
        if result.is_err() {
            print_times(&times);
            return result;
        }
    }
    print_times(&times);
    Ok(())
}

fn clippy() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])
}

fn documentation() -> Result<()> {
    let mut command = workspace::cargo()?;
    command.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    process::run(command)
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let mut command = workspace::cargo()?;
    command.args(arguments);
    process::run(command)
}

#[expect(clippy::disallowed_methods, reason = "measures how long a step takes; there is no runtime here")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn print_times(times: &[(&str, Duration)]) {
    let total: Duration = times.iter().map(|(_, duration)| *duration).sum();
    println!();
    for (name, duration) in times {
        println!("{name:<18}{:>8.1} s", duration.as_secs_f64());
    }
    println!("{:<18}{:>8.1} s", "total", total.as_secs_f64());
}
