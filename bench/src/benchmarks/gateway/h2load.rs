//! The driver of HTTP/2: h2load, pinned to the backend's core.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{Reading, peers};
use crate::installation;

/// Requests under way on each connection.
const STREAMS: usize = 16;

/// Keeps as many connections busy over TLS as carry `requests` at the same time, for some time.
pub(super) async fn drive(address: SocketAddr, path: &str, requests: usize, time: Duration) -> Result<Reading> {
    ensure!(address.ip().is_loopback(), "{address} is not this machine");
    let folder = installation::folder()?;
    let log = folder.path().join("times");
    let mut command = peers::pinned(peers::BACKEND_CORE, "h2load");
    command.args(["-t1", "--warm-up-time=0", &format!("-m{STREAMS}"), &format!("-c{}", (requests / STREAMS).max(1))]);
    command.arg(format!("--duration={}", time.as_secs())).arg("--log-file").arg(&log);
    command.arg(format!("https://{address}{path}")).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("h2load cannot be run: install the package `nghttp2-client`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let times = std::fs::read_to_string(&log).unwrap_or_default();
    read(&text, &times).with_context(|| format!("h2load said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Returns whether the driver is there.
pub(super) async fn is_installed() -> bool {
    let mut command = tokio::process::Command::new("h2load");
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

/// Reads what h2load prints, and the times it wrote; nothing when an answer was missing or was not the expected one, or
/// when it was not HTTP/2.
fn read(text: &str, times: &str) -> Option<Reading> {
    let after = |label: &str| text.lines().find_map(|line| line.strip_prefix(label)).map(str::trim);
    if after("Application protocol:")? != "h2" {
        return None;
    }
    let counts = after("requests:")?;
    let count =
        |label: &str| counts.split(", ").find_map(|count| count.strip_suffix(label)?.trim().parse::<u64>().ok());
    let (succeeded, failed) = (count(" succeeded")?, count(" failed")? + count(" errored")? + count(" timeout")?);
    if failed > 0 || succeeded == 0 || count(" done")? != succeeded {
        return None;
    }
    let mut times: Vec<u32> = times.lines().filter_map(|line| line.split('\t').nth(2)?.parse().ok()).collect();
    times.sort_unstable();
    let at = |share: usize| Some(f64::from(*times.get(times.len().saturating_sub(1) * share / 100)?));
    let per_second = after("finished in")?.split(", ").nth(1)?.strip_suffix(" req/s")?.parse().ok()?;
    Some(Reading { requests: succeeded as f64, per_second, p50_us: at(50)?, p99_us: at(99)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "TLS Protocol: TLSv1.3\nCipher: TLS_AES_128_GCM_SHA256\nApplication protocol: h2\n\n\
        finished in 1.01s, 132750.00 req/s, 8.99MB/s\n\
        requests: 132750 total, 133006 started, 132750 done, 132750 succeeded, 0 failed, 0 errored, 0 timeout\n";
    const TIMES: &str = "1\t200\t300\n2\t200\t100\n3\t200\t200\n";

    #[test]
    fn what_h2load_prints_is_read() {
        let expected = Reading { requests: 132_750.0, per_second: 132_750.0, p50_us: 200.0, p99_us: 200.0 };
        assert_eq!(read(TEXT, TIMES), Some(expected));
    }

    #[test]
    fn a_run_with_failures_or_over_another_protocol_is_no_reading() {
        assert_eq!(read(&TEXT.replace("0 errored", "1 errored"), TIMES), None);
        assert_eq!(read(&TEXT.replace("132750 done", "132751 done"), TIMES), None);
        assert_eq!(read(&TEXT.replace("protocol: h2", "protocol: http/1.1"), TIMES), None);
        assert_eq!(read(TEXT, ""), None);
    }
}
