//! Requests per CPU-second of the gateway beside nginx, HAProxy and a plain hyper proxy, in front of one nginx.
//!
//! Each proxy has one core of its own, the backend and the driver (wrk) share the other, and the rounds are interleaved:
//! every round runs each contender once. What a request costs is read from the proxy process and not from the clock,
//! since other work on the machine slows requests down but makes them little dearer. The same over TLS and over HTTP/2,
//! whose driver is h2load, with one certificate for all; there the handshakes of a run's connections are part of its cost.
//! Start reading at [`run`].

mod certificate;
mod h2load;
pub(super) mod peers;
pub(super) mod proxy;
mod wrk;

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail};

use self::peers::{Contender, Peers};
use crate::{
    figures::{figure, median, ratio},
    machine,
};

const CONNECTIONS: [usize; 2] = [64, 256];
const BODIES: [(&str, &str); 2] = [("1k", "/1k"), ("64k", "/64k")];
const SECONDS: u64 = 2;
const ROUNDS: usize = 5;

/// How long, how often, over what, and who.
struct Plan {
    time: Duration,
    rounds: usize,
    protocols: Vec<Protocol>,
    only: Vec<String>,
}

/// What is spoken with the proxies; to the backend they all speak HTTP/1.1 without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// HTTP/1.1.
    Plain,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TLS, with several requests under way on each connection.
    Http2,
}

/// What a driver saw in one run.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    requests: f64,
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
}

/// One contender's rounds.
struct Row {
    name: &'static str,
    rounds: Vec<Round>,
}

struct Round {
    reading: Reading,
    per_cpu_second: f64,
}

/// Runs every contender at every number of connections and size of body, and prints a table for each.
pub(super) async fn run(arguments: Vec<String>) -> Result<()> {
    let plan = Plan::read(arguments)?;
    println!("{}", machine::summary());
    let peers = Peers::start(&plan.only).await?;
    for &protocol in &plan.protocols {
        if protocol == Protocol::Http2 && !h2load::is_installed().await {
            println!("HTTP/2 is left out: install the package `nghttp2-client`, which has h2load");
            continue;
        }
        for connections in CONNECTIONS {
            for (size, path) in BODIES {
                let rows = take(&peers.contenders, &plan, protocol, (connections, path)).await?;
                print(&protocol.title(connections, size), &rows);
                figures(&format!("{}{connections}_{size}", protocol.prefix()), &rows);
            }
        }
    }
    println!("{}", machine::summary());
    Ok(())
}

impl Plan {
    fn read(arguments: Vec<String>) -> Result<Self> {
        let mut plan =
            Self { time: Duration::from_secs(SECONDS), rounds: ROUNDS, protocols: Vec::new(), only: Vec::new() };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if let Some(protocol) = Protocol::ALL.into_iter().find(|protocol| argument == protocol.name()) {
                plan.protocols.push(protocol);
                continue;
            }
            let mut number =
                || arguments.next().and_then(|text| text.parse::<u64>().ok()).context("a number must follow");
            match argument.as_str() {
                "--seconds" => plan.time = Duration::from_secs(number()?.max(1)),
                "--rounds" => plan.rounds = usize::try_from(number()?.max(1))?,
                name if name.starts_with('-') => {
                    bail!("only --seconds N, --rounds N, plain, tls, http2 and contenders are understood")
                }
                _ => plan.only.push(argument),
            }
        }
        if plan.protocols.is_empty() {
            plan.protocols.extend(Protocol::ALL);
        }
        Ok(plan)
    }
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Plain, Self::Tls, Self::Http2];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tls => "tls",
            Self::Http2 => "http2",
        }
    }

    /// Returns how the names of its figures begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Tls => "tls_",
            Self::Http2 => "http2_",
        }
    }

    fn title(self, connections: usize, size: &str) -> String {
        match self {
            Self::Plain => format!("{connections} connections, {size}"),
            Self::Tls => format!("TLS, {connections} connections, {size}"),
            Self::Http2 => format!("HTTP/2 by TLS, {connections} requests at the same time, {size}"),
        }
    }

    /// Returns where a contender speaks it; nowhere when it does not.
    fn address(self, contender: &Contender) -> Option<SocketAddr> {
        if self == Self::Plain { Some(contender.address) } else { contender.secure }
    }

    async fn drive(self, address: SocketAddr, path: &str, connections: usize, time: Duration) -> Result<Reading> {
        match self {
            Self::Plain => wrk::drive(("http", address), path, connections, time).await,
            Self::Tls => wrk::drive(("https", address), path, connections, time).await,
            Self::Http2 => h2load::drive(address, path, connections, time).await,
        }
    }
}

async fn take(
    contenders: &[Contender],
    plan: &Plan,
    protocol: Protocol,
    (connections, path): (usize, &str),
) -> Result<Vec<Row>> {
    let able = || contenders.iter().filter_map(|contender| Some((contender, protocol.address(contender)?)));
    let mut rows: Vec<Row> = able().map(|(contender, _)| Row { name: contender.name, rounds: Vec::new() }).collect();
    for round in 0..plan.rounds {
        // Whoever comes first in a round comes last in the next, lest one always follow the same neighbour.
        let mut order: Vec<_> = able().zip(&mut rows).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for ((contender, address), row) in order {
            let before = contender.cpu();
            let reading = protocol.drive(address, path, connections, plan.time).await.context(row.name)?;
            let cpu = contender.cpu().saturating_sub(before);
            row.rounds.push(Round { per_cpu_second: reading.requests / cpu.as_secs_f64(), reading });
        }
    }
    Ok(rows)
}

impl Row {
    fn middle(&self, value: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(value).collect())
    }

    fn per_cpu_second(&self) -> f64 {
        self.middle(|round| round.per_cpu_second)
    }

    /// Returns the median over the rounds of this contender's figure divided by the other's in the same round.
    fn beside(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(ours, theirs)| ours.per_cpu_second / theirs.per_cpu_second).collect())
    }
}

fn print(title: &str, rows: &[Row]) {
    let nginx = rows.iter().find(|row| row.name == peers::NGINX);
    println!("\n{title}: medians of the rounds");
    println!(
        "{:<16} {:>9} {:>17} {:>8} {:>9} {:>9} {:>9}",
        "contender", "per CPU-s", "(min-max)", "/ nginx", "per s", "p50 us", "p99 us"
    );
    for row in rows {
        let costs = || row.rounds.iter().map(|round| round.per_cpu_second);
        let (least, most) = (costs().fold(f64::MAX, f64::min), costs().fold(0.0, f64::max));
        println!(
            "{:<16} {:>9.0} {:>17} {:>8} {:>9.0} {:>9.0} {:>9.0}",
            row.name,
            row.per_cpu_second(),
            format!("({least:.0}-{most:.0})"),
            nginx.map_or_else(|| "-".to_owned(), |nginx| format!("{:.2}", row.beside(nginx))),
            row.middle(|round| round.reading.per_second),
            row.middle(|round| round.reading.p50_us),
            row.middle(|round| round.reading.p99_us),
        );
    }
}

fn figures(case: &str, rows: &[Row]) {
    for row in rows {
        figure(&format!("gateway.{}_{case}_per_cpu_second", row.name), format_args!("{:.0}", row.per_cpu_second()));
        figure(
            &format!("gateway.{}_{case}_p99_us", row.name),
            format_args!("{:.0}", row.middle(|round| round.reading.p99_us)),
        );
    }
    let ours = rows.iter().filter(|row| row.name.starts_with(peers::OURS));
    for row in ours {
        for peer in rows.iter().filter(|row| !row.name.starts_with(peers::OURS)) {
            ratio(&format!("gateway.{}_to_{}_{case}", row.name, peer.name), row.beside(peer));
        }
    }
}
