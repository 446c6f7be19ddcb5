//! Which engines this machine lacks, and Debian's packages that bring them.

use std::{fs, os::unix::fs::MetadataExt, process::Command};

use anyhow::{Result, bail};

use super::postgres;
use crate::process;

/// What must be there, and the package it is in.
const PROGRAMS: [(&str, &str); 5] = [
    ("nats-server", "nats-server"),
    ("redis-server", "redis-server"),
    ("prometheus", "prometheus"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
];

/// Installs what is missing when this is root on Debian; otherwise says exactly what to install.
pub(crate) fn provide() -> Result<()> {
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    let command = format!("apt-get install --yes --no-install-recommends {}", packages.join(" "));
    if !is_root() || process::find("apt-get").is_none() {
        bail!("the tests need programs that are not installed; run: sudo {command}");
    }
    eprintln!("installing {}", packages.join(", "));
    process::output(apt(&["update"]))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    process::output(apt(&install))?;
    let still = missing();
    if !still.is_empty() {
        bail!("`{command}` ran, but {} is still not found", still.join(", "));
    }
    Ok(())
}

/// Returns whether this process may install packages and change users.
pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn missing() -> Vec<&'static str> {
    let postgres = postgres::binaries().is_none().then_some("postgresql");
    let others = PROGRAMS.iter().filter(|(program, _)| process::find(program).is_none()).map(|(_, package)| *package);
    postgres.into_iter().chain(others).collect()
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
