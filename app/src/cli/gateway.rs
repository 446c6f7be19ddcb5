//! `fpms gateway`: looks at a route file as the gateway would, before it comes into force.

use std::{io::Write, path::PathBuf};

use anyhow::Result;
use clap::Subcommand;
use gateway::route_file;

/// What `fpms gateway` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a route file; changes nothing
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print what is different from this file, such as the one in force
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Command::Check { file, against } = &arguments.command;
    let checked = route_file::check(file)?;
    writeln!(out, "{}: {} routes, {} upstreams", file.display(), checked.routes(), checked.upstreams())?;
    if let Some(against) = against {
        for change in checked.changes_since(&route_file::check(against)?) {
            writeln!(out, "{change}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checked_file_is_compared_with_another() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let route =
            |name: &str, status: u16| format!("[[route]]\nname = '{name}'\nredirect = {{ status = {status} }}\n");
        let old = write("old.toml", &(route("same", 301) + &route("changed", 301) + &route("gone", 301)));
        let new = write("new.toml", &(route("changed", 302) + &route("same", 301) + &route("new", 301)));
        let run = |file: PathBuf| {
            let mut out = Vec::new();
            let command = Command::Check { file, against: Some(old.clone()) };
            run(&Arguments { command }, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        let text = run(new).unwrap();
        let (_, changes) = text.split_once('\n').unwrap();
        assert_eq!(changes, "- route gone\n~ route changed\n+ route new\n");
        assert!(run(write("bad.toml", "[[rotue]]")).unwrap_err().to_string().contains("line 1: "));
    }
}
