//! `fpms gateway`: a route file and certificates before they come into force, a route file after, and why a request goes
//! where it goes.

mod ask;
mod explanation;
pub(crate) mod whereabouts;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Subcommand;
use gateway::{
    listeners::Listener,
    route_file::{self, history},
};

use super::place::Place;
use crate::{
    node_roles::gateway::{acme, certificates},
    settings::Settings,
};

/// Folder below `data` of the route files that were in force.
pub(crate) const HISTORY: &str = "gateway/routes";
/// Folder below `data` of the account at the ACME directory and of the certificate from it.
pub(crate) const ACME: &str = "gateway/acme";
/// File below `data` in which the gateways of this machine say where their operator finds them.
pub(crate) const ADDRESS: &str = "gateway/admin";
/// File below the data folder that says the public address of the gateway that runs here, or ran last.
pub(crate) const PUBLIC: &str = "gateway/public";
/// What the key is derived for that an operator's call shows.
pub(crate) const KEY_PURPOSE: &str = "gateway-admin";

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
    /// Print the route files that were in force, the last first, and what each changed
    History {
        #[command(flatten)]
        place: Place,
    },
    /// Bring a former route file back; the gateway takes it within a second
    Rollback {
        /// Its number in the history; the last that is different from the one in force when not said
        #[arg(value_name = "NUMBER")]
        number: Option<u64>,
        #[command(flatten)]
        place: Place,
    },
    /// Say why the running gateway would send a request where it would; sends nothing
    Explain(ask::Explain),
    /// Make the running gateway forget answers it keeps for everybody
    Forget(ask::Forget),
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    match &arguments.command {
        Command::Check { place, file, against } => {
            check(&place.load(None)?.settings, file.as_deref(), against.as_deref(), out)
        }
        Command::History { place } => print_history(&place.load(None)?.settings, out),
        Command::Rollback { number, place } => roll_back(&place.load(None)?.settings, *number, out),
        Command::Explain(arguments) => arguments.run(out),
        Command::Forget(arguments) => arguments.run(out),
    }
}

fn check(settings: &Settings, file: Option<&Path>, against: Option<&Path>, out: &mut impl Write) -> Result<()> {
    let certificates = certificates(settings);
    if !certificates.is_empty() {
        writeln!(out, "gateway.certificates: {}", certificates.len())?;
        Listener { certificates, ..Listener::plain("main", settings.listen) }.check()?;
    }
    if let Some(acme) = acme(settings) {
        gateway::acme::check(&acme)?;
        writeln!(out, "gateway.acme_hosts: {}", acme.hosts.join(", "))?;
    }
    let set = Some(settings.gateway.routes.as_path()).filter(|path| !path.as_os_str().is_empty());
    let Some(file) = file.or(set) else { return Ok(()) };
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

fn print_history(settings: &Settings, out: &mut impl Write) -> Result<()> {
    let formers = history::list(&settings.data.join(HISTORY)).context("reading the former route files")?;
    for (index, former) in formers.iter().enumerate() {
        writeln!(out, "{} {}", former.number, former.path.display())?;
        let Ok(checked) = route_file::check(&former.path) else {
            writeln!(out, "  this version does not take it any more")?;
            continue;
        };
        let before = formers.get(index + 1).and_then(|before| route_file::check(&before.path).ok());
        for change in before.map(|before| checked.changes_since(&before)).unwrap_or_default() {
            writeln!(out, "  {change}")?;
        }
    }
    Ok(())
}

fn roll_back(settings: &Settings, number: Option<u64>, out: &mut impl Write) -> Result<()> {
    let path = &settings.gateway.routes;
    anyhow::ensure!(
        !path.as_os_str().is_empty(),
        "`gateway.routes` names no route file, so there is none to bring back"
    );
    let number = history::roll_back(path, &settings.data.join(HISTORY), number)?;
    writeln!(out, "{} is {number} again", path.display())?;
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

    #[test]
    fn a_check_tells_by_its_code_what_keeps_an_upstream_or_a_certificate_from_being() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("routes.toml");
        let tls = "tls = { server_name = 'a.example', authorities = 'missing.pem' }";
        std::fs::write(&file, format!("[[upstream]]\nname = 'a'\naddresses = ['127.0.0.1:1']\n{tls}\n")).unwrap();
        let check = |settings: &Settings, file: Option<&Path>| {
            let error = check(settings, file, None, &mut Vec::new()).unwrap_err();
            crate::cli::report::describe(&error)
        };
        let mut settings = Place::default().load(None).unwrap().settings;
        let text = check(&settings, Some(&file));
        assert!(text.starts_with("error[LSN-001]: ") && text.contains("upstream `a`"), "{text}");
        settings.gateway.acme_directory = "https://acme.example/directory".to_owned();
        settings.gateway.acme_hosts = vec!["*.a.example".to_owned()];
        let text = check(&settings, None);
        assert!(text.starts_with("error[ACM-001]: `*.a.example` is a wildcard"), "{text}");
    }
}
