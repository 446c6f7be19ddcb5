//! `fpms gateway`: looks at a route file and at certificates as the gateway would, before they come into force.

use std::{io::Write, path::PathBuf};

use anyhow::Result;
use clap::Subcommand;
use gateway::{listeners::Listener, route_file};

use super::place::Place;
use crate::node_roles::gateway::certificates;

/// What `fpms gateway` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a route file, its certificates and those of the settings; changes nothing
    Check {
        #[command(flatten)]
        place: Place,
        /// The file; the one of the settings when not given
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Print what is different from this file, such as the one in force
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Command::Check { place, file, against } = &arguments.command;
    let settings = place.load(None)?.settings;
    let certificates = certificates(&settings);
    if !certificates.is_empty() {
        writeln!(out, "gateway.certificates: {}", certificates.len())?;
        Listener { certificates, ..Listener::plain("main", settings.listen) }.check()?;
    }
    let set = Some(&settings.gateway.routes).filter(|path| !path.as_os_str().is_empty());
    let Some(file) = file.as_ref().or(set) else { return Ok(()) };
    let checked = route_file::check(file)?;
    let (routes, upstreams, listeners) = (checked.routes(), checked.upstreams(), checked.listeners());
    writeln!(out, "{}: {routes} routes, {upstreams} upstreams, {listeners} listeners", file.display())?;
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
            let command = Command::Check { place: Place::default(), file: Some(file), against: Some(old.clone()) };
            run(&Arguments { command }, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        let text = run(new).unwrap();
        let (_, changes) = text.split_once('\n').unwrap();
        assert_eq!(changes, "- route gone\n~ route changed\n+ route new\n");
        let secure =
            "[[listener]]\nname = 'a'\naddress = '0.0.0.0:1'\ncertificate = [{ file = 'none', key = 'none' }]\n";
        let error = run(write("secure.toml", secure)).unwrap_err();
        assert!(crate::cli::report::describe(&error).starts_with("error[LSN-001]: "), "{error:#}");
        assert!(run(write("bad.toml", "[[rotue]]")).unwrap_err().to_string().contains("line 1: "));
    }
}
