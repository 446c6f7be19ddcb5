//! `fpms serve`: a node in the roles it is given, until it is asked to stop.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use runtime::{Shutdown, telemetry};

use super::place::Place;
use crate::{
    decisions,
    demo::{self, Demo},
    node_roles,
    parts::Parts,
    probes,
    settings::{Settings, reachable},
};

/// What `fpms serve` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Roles of this node, separated by commas; `all` on one machine
    #[arg(long, value_name = "ROLE", value_delimiter = ',', default_value = "all")]
    pub role: Vec<String>,
    /// Fill an empty installation with a faculty, its people and a running cycle, and print how to sign in
    #[arg(long)]
    pub demo: bool,
    #[command(flatten)]
    pub place: Place,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

/// Serves until the process is asked to stop, then lets requests under way end.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let settings = arguments.place.load(arguments.listen)?.settings;
    telemetry::init(&telemetry::Settings { format: settings.log.format, filter: settings.log.filter.clone() })?;
    super::runtime()?.block_on(serve(arguments, settings, out))
}

async fn serve(arguments: &Arguments, settings: Settings, out: &mut impl Write) -> Result<()> {
    let shutdown = Shutdown::new();
    shutdown.on_signals();
    let grace = Duration::from_secs(settings.gateway.grace_seconds.get());
    let mut parts = Parts::new(settings, shutdown.clone())?;
    parts.demo = arguments.demo;
    let (parts, decisions) = (Arc::new(parts), mesh::decisions::subscribe());
    let started = start(&parts, arguments).await;
    if let Ok(demo) = &started {
        decisions::publish(&parts, decisions);
        announce(&parts, demo.as_ref(), out)?;
        shutdown.cancelled().await;
    }
    shutdown.begin();
    let drained = shutdown.drain(grace).await;
    started?;
    drained.context("stopping the node")
}

async fn start(parts: &Parts, arguments: &Arguments) -> Result<Option<Demo>> {
    let started = parts.health.flag("roles");
    if let Some(address) = parts.settings.probes.0 {
        parts.set_probes(probes::serve(address, &parts.health, &parts.shutdown).await?);
    }
    let demo = if arguments.demo { Some(demo::prepare(parts).await?) } else { None };
    node_roles::start(parts, &arguments.role).await?;
    started.raise();
    Ok(demo)
}

fn announce(parts: &Parts, demo: Option<&Demo>, out: &mut impl Write) -> Result<()> {
    if let Some(address) = parts.gateway() {
        writeln!(out, "fpms serves on http://{}", reachable(address))?;
    }
    if let Some(demo) = demo {
        writeln!(out, "\nThe demo faculty is {}. Sign in as one of:", demo.university)?;
        for person in &demo.people {
            writeln!(out, "  {:<12} {:<32} password: {}", person.role, person.email, person.password)?;
        }
    }
    out.flush()?;
    Ok(())
}
