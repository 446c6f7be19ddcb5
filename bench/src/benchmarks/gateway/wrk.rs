//! The driver of HTTP/1.1: wrk, pinned to the backend's core.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{Reading, peers};

/// Keeps `connections` busy with requests for `path` for some time, by `scheme`.
pub(super) async fn drive(
    (scheme, address): (&str, SocketAddr),
    path: &str,
    connections: usize,
    time: Duration,
) -> Result<Reading> {
    ensure!(address.ip().is_loopback(), "{address} is not this machine");
    let mut command = peers::pinned(peers::BACKEND_CORE, "wrk");
    command.args(["-t1", "--latency", &format!("-c{connections}"), &format!("-d{}s", time.as_secs())]);
    command.arg(format!("{scheme}://{address}{path}")).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("wrk cannot be run: install the package `wrk`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    read(&text).with_context(|| format!("wrk said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Reads what wrk prints; nothing when an answer was missing or was not the expected one.
fn read(text: &str) -> Option<Reading> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    let after = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "))?.0.parse().ok()?;
    if requests < 1.0 {
        return None;
    }
    Some(Reading {
        requests,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50_us: micros(after("50%")?)?,
        p99_us: micros(after("99%")?)?,
    })
}

/// Reads `12.34us`, `1.20ms` or `2.00s`.
fn micros(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    let (number, factor) = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Running 2s test @ http://127.0.0.1:1/1k\n  1 threads and 64 connections\n  Latency Distribution\n     \
        50%  620.00us\n     75%    0.70ms\n     99%    1.03ms\n  190641 requests in 2.00s, 223.10MB read\n\
        Requests/sec:  95322.10\nTransfer/sec:    111.55MB\n";

    #[test]
    fn what_wrk_prints_is_read() {
        let expected = Reading { requests: 190_641.0, per_second: 95_322.1, p50_us: 620.0, p99_us: 1_030.0 };
        assert_eq!(read(TEXT), Some(expected));
    }

    #[test]
    fn a_run_with_failures_is_no_reading() {
        assert_eq!(read(&format!("{TEXT}  Non-2xx or 3xx responses: 1\n")), None);
        assert_eq!(read(&format!("{TEXT}  Socket errors: connect 0, read 1, write 0, timeout 0\n")), None);
        assert_eq!(read(&TEXT.replace("190641 requests", "0 requests")), None);
    }
}
