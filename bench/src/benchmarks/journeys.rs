//! Requests per second and p99 through the gateway of a demo faculty: topic list, one project, sign-in, milestone submission.
//!
//! The load driver runs on the same machine and takes its share of it; the CPU time of the server alone is printed beside.
//! Start reading at [`run`].

mod cast;
mod visitors;

use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::{
    cast::Cast,
    visitors::{HandIn, SignIn},
};
use crate::{
    figures::figure,
    http::{
        Ask,
        load::{self, Report, Same, Visitor},
    },
    machine,
    server::{Place, Server},
};

const CONNECTIONS: [usize; 3] = [1, 16, 64];
const WARM_UP: Duration = Duration::from_millis(300);
const SECONDS: u64 = 3;

/// One of the things that people do.
#[derive(Clone, Copy)]
enum Journey {
    Topics,
    Project,
    SignIn,
    HandIn,
}

/// Starts a server, takes every journey at every number of connections, and prints a row for each.
pub(super) async fn run(arguments: Vec<String>) -> Result<()> {
    let time = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Duration::from_secs(SECONDS),
        ["--seconds", seconds] => Duration::from_secs(seconds.parse().context("--seconds N")?),
        _ => bail!("only --seconds N is understood"),
    };
    println!("{}", machine::summary());
    let place = Place::new()?;
    let server = place.serve().await?;
    let (resident, _) = server.resident_mib();
    println!("server: first page after {} ms, {resident:.0} MiB resident", server.started_in.as_millis());
    figure("journeys.first_page_ms", server.started_in.as_millis());
    figure("journeys.resident_start_mib", format_args!("{resident:.0}"));
    let cast = Cast::gather(&place, &server, CONNECTIONS.into_iter().max().unwrap_or_default()).await?;
    println!(
        "\n{:<24} {:>5} {:>10} {:>9} {:>9} {:>14} {:>9}",
        "journey", "conn.", "per s", "p50 us", "p99 us", "server CPU us", "MiB"
    );
    for journey in [Journey::Topics, Journey::Project, Journey::SignIn, Journey::HandIn] {
        for connections in CONNECTIONS {
            take(journey, connections, time, (&place, &server, &cast)).await?;
        }
    }
    let (resident, peak) = server.resident_mib();
    figure("journeys.resident_mib", format_args!("{resident:.0}"));
    figure("journeys.resident_peak_mib", format_args!("{peak:.0}"));
    println!("data: {:.1} MiB on disk; {}", place.data_mib(), machine::summary());
    server.kill().await
}

async fn take(
    journey: Journey,
    connections: usize,
    time: Duration,
    (place, server, cast): (&Place, &Server, &Cast),
) -> Result<()> {
    let name = journey.name();
    load::drive(place.address, WARM_UP, journey.visitors(cast, connections)?).await.context(name)?;
    let cpu = server.cpu();
    let report = load::drive(place.address, time, journey.visitors(cast, connections)?).await.context(name)?;
    let cpu_us = (server.cpu().saturating_sub(cpu)).as_secs_f64() * 1e6 / report.counted as f64;
    print(name, connections, &report, (cpu_us, server.resident_mib().0));
    Ok(())
}

fn print(name: &str, connections: usize, report: &Report, (cpu_us, resident): (f64, f64)) {
    let (middle, high) = (report.times.quantile(0.5).as_micros(), report.times.quantile(0.99).as_micros());
    let rate = report.per_second();
    println!("{name:<24} {connections:>5} {rate:>10.0} {middle:>9} {high:>9} {cpu_us:>14.1} {resident:>9.0}");
    figure(&format!("journeys.{name}_{connections}_per_s"), format_args!("{rate:.0}"));
    figure(&format!("journeys.{name}_{connections}_p99_us"), high);
    figure(&format!("journeys.{name}_{connections}_server_cpu_us"), format_args!("{cpu_us:.1}"));
    if report.refused > 0 {
        println!("  {} more were asked to come back later (503 or 429)", report.refused);
    }
}

impl Journey {
    fn name(self) -> &'static str {
        match self {
            Self::Topics => "topic_list",
            Self::Project => "project",
            Self::SignIn => "sign_in",
            Self::HandIn => "submission",
        }
    }

    fn visitors(self, cast: &Cast, connections: usize) -> Result<Vec<Box<dyn Visitor>>> {
        (0..connections)
            .map(|connection| {
                let student = cast.students.get(connection).context("too few students")?;
                let visitor: Box<dyn Visitor> = match self {
                    Self::Topics => Box::new(Same(Ask::get("/api/v1/topics").by(&student.token))),
                    Self::Project => {
                        Box::new(Same(Ask::get(format!("/api/v1/projects/{}", student.project)).by(&student.token)))
                    }
                    Self::SignIn => Box::new(SignIn::new(&student.email)),
                    Self::HandIn => Box::new(HandIn::new(student, &cast.coordinator)),
                };
                Ok(visitor)
            })
            .collect()
    }
}
