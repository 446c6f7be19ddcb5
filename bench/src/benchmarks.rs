//! The benchmarks by name.
//!
//! Owns the table of them. A benchmark ends with `figure:` lines and takes less than a minute for each table it prints.
//! Start reading at [`BENCHMARKS`].

mod balance;
mod desk;
mod discovery;
mod durability;
mod events;
mod failover;
mod framing;
mod gateway;
mod journeys;
mod storage;

use anyhow::{Context, Result};
use futures_util::{FutureExt, future::BoxFuture};

/// A benchmark, and the arguments it takes.
pub(crate) struct Benchmark {
    name: &'static str,
    purpose: &'static str,
    pub(crate) run: fn(Vec<String>) -> BoxFuture<'static, Result<()>>,
}

static BENCHMARKS: [Benchmark; 11] = [
    Benchmark {
        name: "storage",
        purpose: "point read, small write and 64 writers, ours beside the bare drivers (sqlite-reads, sqlite-writes, postgres, commits)",
        run: |only| storage::run(only).boxed(),
    },
    Benchmark {
        name: "journeys",
        purpose: "requests per second through the gateway of a demo faculty (--seconds N)",
        run: |arguments| journeys::run(arguments).boxed(),
    },
    Benchmark {
        name: "framing",
        purpose: "raw payloads to the gateway, nginx, HAProxy and a plain hyper proxy: refused, or passed in one reading (--write FILE)",
        run: |arguments| framing::run(arguments).boxed(),
    },
    Benchmark {
        name: "gateway",
        purpose: "requests per CPU-second of the gateway beside nginx, HAProxy and a plain hyper proxy over HTTP/1.1, TLS and HTTP/2 (--seconds N, --rounds N, plain, tls, http2, contenders)",
        run: |arguments| gateway::run(arguments).boxed(),
    },
    Benchmark {
        name: "gateway-proxy",
        purpose: "one of the proxies that `gateway` measures",
        run: |arguments| gateway::proxy::run(arguments).boxed(),
    },
    Benchmark {
        name: "balance",
        purpose: "slow, failing and cold nodes on simulated time beside round robin and least connections; ns a choice",
        run: |arguments| balance::run(arguments).boxed(),
    },
    Benchmark {
        name: "discovery",
        purpose: "1,000 services of 10 nodes: how soon 16 gateways know of a change, and the memory that it takes",
        run: |arguments| discovery::run(arguments).boxed(),
    },
    Benchmark {
        name: "durability",
        purpose: "kill -9 during writes, 50 times: what was acknowledged must be there (sqlite, postgres, server)",
        run: |only| durability::run(only).boxed(),
    },
    Benchmark {
        name: "failover",
        purpose: "2,000 requests/s on two replicas of each service while nodes and the registry fail (--seconds N, --rate N, --postgres, --hosts)",
        run: |arguments| failover::run(arguments).boxed(),
    },
    Benchmark {
        name: "events",
        purpose: "events a second through the outbox to a consumer, by the journal and by NATS beside bare JetStream (journal, jetstream, bare-jetstream)",
        run: |only| events::run(only).boxed(),
    },
    Benchmark {
        name: "durability-writer",
        purpose: "the process that `durability` kills",
        run: |arguments| durability::writer::run(arguments).boxed(),
    },
];

/// Returns the benchmark of this name.
pub(crate) fn find(name: &str) -> Result<&'static Benchmark> {
    BENCHMARKS
        .iter()
        .find(|benchmark| benchmark.name == name)
        .with_context(|| format!("no benchmark `{name}`:\n{}", list()))
}

/// Returns the names and purposes, a line each.
pub(crate) fn list() -> String {
    let lines = BENCHMARKS.iter().map(|benchmark| format!("{:<18} {}", benchmark.name, benchmark.purpose));
    lines.collect::<Vec<_>>().join("\n")
}
