//! `fpms doctor`: explains a node, and finds what keeps it from working.

use std::{fs, io::Write, net::SocketAddr, path::Path, time::Duration};

use anyhow::{Result, bail};
use serde::Serialize;
use storage::Database;
use tokio::{net::TcpListener, time::timeout};

use super::place::Place;
use crate::{node_roles, parts::Parts, services};

/// What `fpms doctor` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
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
    let mut settings = arguments.place.load(None)?.settings;
    // Looking changes nothing: what is pending is reported, not applied.
    let migrates = std::mem::replace(&mut settings.storage.migrate, false);
    let findings = super::block_on_settings(settings, async |parts| Ok(examine(parts, migrates).await))?;
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

async fn examine(parts: &Parts, migrates: bool) -> Vec<Finding> {
    let names: Vec<&str> = node_roles::TABLE.iter().map(|role| role.name).collect();
    let mut findings = vec![
        good("roles", names.join(", ")),
        folder(&parts.settings.data),
        keys(parts),
        port("listen", parts.settings.listen).await,
        port("mesh.registry", parts.settings.mesh.registry).await,
    ];
    findings.extend(databases(parts, migrates).await);
    findings
}

fn folder(path: &Path) -> Finding {
    let what = "data folder";
    let probe = path.join(".doctor");
    match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => good(what, path.display().to_string()),
        Err(error) => bad(what, format!("{} cannot be written: {error}", path.display())),
    }
}

fn keys(parts: &Parts) -> Finding {
    let held: Vec<_> = parts.keyring.held().collect();
    let primary = held.iter().find(|held| held.primary).map(|held| held.id.to_string()).unwrap_or_default();
    match held.len() {
        1 => good("root secrets", format!("{primary} alone")),
        count => warning("root secrets", format!("{count} held, {primary} is the primary; an exchange is under way")),
    }
}

async fn port(setting: &str, address: SocketAddr) -> Finding {
    let what = format!("port of {setting}");
    match TcpListener::bind(address).await {
        Ok(_) => good(what, format!("{address} is free")),
        Err(_)
            if timeout(Duration::from_secs(1), tokio::net::TcpStream::connect(address))
                .await
                .is_ok_and(|c| c.is_ok()) =>
        {
            warning(what, format!("{address} is in use; a node may be running already"))
        }
        Err(error) => bad(what, format!("{address} cannot be listened on: {error}")),
    }
}

async fn databases(parts: &Parts, migrates: bool) -> Vec<Finding> {
    let opened = match services::open_all(parts).await {
        Ok(opened) => opened,
        Err(error) => return vec![bad("databases", format!("{error:#}"))],
    };
    let mut findings = Vec::new();
    for (service, opened) in opened {
        let what = format!("database {service}");
        match opened {
            Ok(database) => findings.extend(shards(&what, &database).await),
            Err(error @ storage::Error::Pending { .. }) if migrates => {
                findings.push(warning(what, format!("{error}; they are applied when the node starts")));
            }
            Err(error) => findings.push(bad(what, runtime::chain(&error))),
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
