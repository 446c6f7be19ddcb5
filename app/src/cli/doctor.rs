//! `fpms doctor`: explains a node, and finds what keeps it from working.

use std::{fs, io::Write, path::Path};

use anyhow::{Result, bail};
use serde::Serialize;
use storage::Database;

use super::place::{Place, require};
use crate::{node_roles, parts::Parts, services, settings::Settings};

mod ports;

/// What `fpms doctor` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Roles that the node takes, separated by commas, as `fpms serve` is given them
    #[arg(long, value_name = "ROLE", value_delimiter = ',', default_value = "all")]
    pub role: Vec<String>,
    /// Print findings as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Something looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    state: State,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    /// Works, but is not as it should be.
    Warning,
    /// Keeps the node from working.
    Bad,
}

/// Looks at everything a node needs; the exit status is 1 when something keeps it from working.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let roles = node_roles::resolve(&arguments.role)?;
    let settings = arguments.place.load(None)?.settings;
    let mut findings = super::runtime()?.block_on(surroundings(&settings, &roles));
    match require(&settings) {
        Ok(()) => {
            let migrates = settings.storage.migrate;
            // Looking changes nothing: what is pending is reported, not applied.
            let settings = super::unmigrated(settings);
            findings
                .extend(super::block_on_settings(settings, async |parts| Ok(examine(parts, &roles, migrates).await))?);
        }
        Err(error) => findings.push(bad("installation", error.to_string())),
    }
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        for Finding { what, state, detail } in &findings {
            let mark = match state {
                State::Good => "good",
                State::Warning => "warn",
                State::Bad => "BAD",
            };
            writeln!(out, "{mark:<5} {what:<28} {detail}")?;
        }
    }
    match findings.iter().filter(|finding| finding.state == State::Bad).count() {
        0 => Ok(()),
        bad => bail!("{bad} of {} things keep this node from working", findings.len()),
    }
}

/// Looks at what is there without an installation, too.
async fn surroundings(settings: &Settings, roles: &[&str]) -> Vec<Finding> {
    let mut findings = vec![good("roles", roles.join(", "))];
    if roles.contains(&"gateway") {
        let chosen = "the system chooses one at each start, and `fpms serve` prints it";
        findings.push(ports::own("listen", settings.listen, chosen).await);
        if let Some(redirect) = settings.gateway.redirect_listen.0 {
            findings.push(ports::own("gateway.redirect_listen", redirect, "the system chooses one").await);
        }
        let chosen = "the system chooses one, which `gateway/admin` below `data` tells";
        findings.push(ports::own("gateway.admin", settings.gateway.admin, chosen).await);
    }
    findings.push(if roles.contains(&"registry") {
        let chosen = "only the roles of this very process find its registry";
        ports::own("mesh.registry", settings.mesh.registry, chosen).await
    } else {
        ports::registry(settings.mesh.registry).await
    });
    if let Some(probes) = settings.probes.0 {
        findings.push(ports::own("probes", probes, "the system chooses one, and the log tells it").await);
    }
    findings
}

async fn examine(parts: &Parts, roles: &[&str], migrates: bool) -> Vec<Finding> {
    let mut findings = vec![folder(&parts.settings.data), keys(parts)];
    // Others open no database.
    if roles.iter().any(|role| !matches!(*role, "registry" | "gateway")) {
        findings.extend(databases(parts, roles, migrates).await);
    }
    findings
}

fn folder(path: &Path) -> Finding {
    let what = "data folder";
    if !path.exists() {
        return warning(what, format!("{} does not exist; a role that keeps something makes it", path.display()));
    }
    let probe = path.join(".doctor");
    match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => good(what, format!("{} can be written", path.display())),
        Err(error) => bad(what, format!("{} cannot be written: {error}", path.display())),
    }
}

fn keys(parts: &Parts) -> Finding {
    let held: Vec<_> = parts.keyring.held().collect();
    let primary = held.iter().find(|held| held.primary).map(|held| held.id.to_string()).unwrap_or_default();
    match held.len() {
        1 => good("root secrets", format!("{primary} alone")),
        count => warning(
            "root secrets",
            format!("{count} held, {primary} is the primary; an exchange ends with `fpms keys retire`"),
        ),
    }
}

async fn databases(parts: &Parts, roles: &[&str], migrates: bool) -> Vec<Finding> {
    let opened = match services::open_all(parts).await {
        Ok(opened) => opened,
        Err(error) => {
            return vec![match error.downcast_ref::<storage::Error>() {
                Some(error) => unopened("database directory".to_owned(), error, migrates),
                None => bad("databases", format!("{error:#}")),
            }];
        }
    };
    let mut findings = Vec::new();
    // The console looks into the databases of all services.
    let is_opened = |service: &str| service == "journal" || roles.contains(&"console") || roles.contains(&service);
    for (service, opened) in opened.into_iter().filter(|(service, _)| is_opened(service)) {
        let what = format!("database {service}");
        match opened {
            Ok(database) => findings.extend(shards(&what, &database).await),
            Err(error) => findings.push(unopened(what, &error, migrates)),
        }
    }
    if let Ok(storage) = parts.storage().await {
        findings.push(match storage.directory().tenants().len() {
            0 => warning("universities", "none; add one with `fpms tenant create`"),
            count => good("universities", count.to_string()),
        });
    }
    findings
}

/// Says why a database was not opened. What is pending keeps a node from working only when it may not migrate.
fn unopened(what: String, error: &storage::Error, migrates: bool) -> Finding {
    match error {
        storage::Error::Pending { .. } if migrates => {
            warning(what, format!("{error}; a node applies what is pending when it starts"))
        }
        storage::Error::Pending { .. } => bad(what, format!("{error}; run `fpms migrate`")),
        error => bad(what, runtime::chain(error)),
    }
}

async fn shards(what: &str, database: &Database) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, (shard, engine)) in database.shard_names().enumerate() {
        let what = format!("{what} on {shard}");
        findings.push(match (engine, database.is_fenced(index).await) {
            ("postgres", Ok(false)) => {
                warning(what, "row-level security does not bind this role; sign in as one that is not a superuser")
            }
            ("postgres", Ok(true)) => encryption(what, database.encryption(index).await),
            (_, Ok(_)) => good(what, format!("{engine}, up to date")),
            (_, Err(error)) => bad(what, runtime::chain(&error)),
        });
    }
    findings
}

/// A plain connection to another machine shows everything to whoever is in between.
fn encryption(what: String, encryption: storage::Result<Option<String>>) -> Finding {
    match encryption {
        Ok(Some(how)) => good(what, format!("postgres, up to date, encrypted by {how}")),
        Ok(None) => warning(what, "postgres, up to date, not encrypted; add `?sslmode=verify-full` to its address"),
        Err(error) => bad(what, runtime::chain(&error)),
    }
}

fn good(what: impl Into<String>, detail: impl Into<String>) -> Finding {
    Finding { what: what.into(), state: State::Good, detail: detail.into() }
}

fn warning(what: impl Into<String>, detail: impl Into<String>) -> Finding {
    Finding { what: what.into(), state: State::Warning, detail: detail.into() }
}

fn bad(what: impl Into<String>, detail: impl Into<String>) -> Finding {
    Finding { what: what.into(), state: State::Bad, detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(data: &Path, role: &str) -> (bool, Vec<(String, String)>) {
        let place = Place { data: Some(data.to_owned()), ..Place::default() };
        let mut out = Vec::new();
        let outcome = run(&Arguments { role: vec![role.to_owned()], json: true, place }, &mut out);
        let findings: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
        let text = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = findings.iter().map(|finding| (text(finding, "what"), text(finding, "state")));
        (outcome.is_ok(), findings.collect())
    }

    #[test]
    fn where_nothing_is_it_says_so_and_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("typo");
        let (well, findings) = examined(&data, "files");
        assert!(!well && !data.exists());
        assert!(findings.contains(&("installation".to_owned(), "bad".to_owned())), "{findings:?}");
    }

    #[test]
    fn only_what_a_role_needs_is_looked_at() {
        let data = tempfile::tempdir().unwrap();
        let place = Place { data: Some(data.path().to_owned()), ..Place::default() };
        crate::parts::keyring(&place.load(None).unwrap().settings).unwrap();
        let named = |findings: &[(String, String)], word: &str| findings.iter().any(|(what, _)| what.contains(word));
        let (well, registry) = examined(data.path(), "registry");
        assert!(well && !named(&registry, "database") && !named(&registry, "listen"), "{registry:?}");
        let (_, files) = examined(data.path(), "files");
        assert!(files.contains(&("database directory".to_owned(), "warning".to_owned())), "{files:?}");
        assert!(!named(&files, "listen"), "{files:?}");
    }
}
