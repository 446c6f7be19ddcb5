//! A check as Consul's clients register it, and as ours.

use serde::Deserialize;
use serde_json::Value;

use crate::registry::{
    checks::{self, Check, Health, Probe},
    consul::query::duration,
};

/// How long an answer may take where nothing is said, as Consul has it.
const TIMEOUT_MS: u64 = 10_000;
/// Shortest time after which what is critical is taken out, as Consul has it.
const CRITICAL_MS_MIN: u64 = 60_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Registration {
    #[serde(rename = "checkid")]
    id: String,
    interval: String,
    timeout: String,
    status: String,
    ttl: String,
    http: String,
    tcp: String,
    method: String,
    #[serde(rename = "successbeforepassing")]
    success_before_passing: u32,
    #[serde(rename = "failuresbeforecritical")]
    failures_before_critical: u32,
    #[serde(rename = "deregistercriticalserviceafter")]
    deregister_critical_service_after: String,
    /// What is asked for and not offered.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

/// Fields that ask for a check of another kind, or for another way of asking.
const NOT_OFFERED: [&str; 12] = [
    "Args",
    "Script",
    "DockerContainerID",
    "GRPC",
    "UDP",
    "H2PING",
    "OSService",
    "AliasNode",
    "AliasService",
    "Header",
    "Body",
    "TCPUseTLS",
];

/// Returns the checks of the service `id`, and after how many milliseconds in a critical state it is taken out.
pub(super) fn all(id: &str, registrations: Vec<Registration>) -> Result<(Vec<Check>, Option<u64>), String> {
    let single = registrations.len() == 1;
    let mut found = (Vec::new(), None);
    for (registration, number) in registrations.into_iter().zip(1..) {
        let name = if single { format!("service:{id}") } else { format!("service:{id}:{number}") };
        let given_up = millis(&registration.deregister_critical_service_after)?.map(|ms| ms.max(CRITICAL_MS_MIN));
        found.1 = [found.1, given_up].into_iter().flatten().min();
        found.0.push(registration.check(name)?);
    }
    Ok(found)
}

impl Registration {
    fn check(self, name: String) -> Result<Check, String> {
        let is_asked = |value: &&Value| !matches!(value, Value::Null | Value::Bool(false)) && !is_empty(value);
        let others = |field: &str| self.others.get(&field.to_ascii_lowercase());
        if let Some(field) = NOT_OFFERED.iter().find(|field| others(field).as_ref().is_some_and(is_asked)) {
            return Err(format!("checks with `{field}` are not offered here: use HTTP, TCP or TTL"));
        }
        if !matches!(self.method.as_str(), "" | "GET") {
            return Err("checks by HTTP ask with GET".to_owned());
        }
        let (probe, interval) = match (self.ttl.as_str(), self.http.as_str(), self.tcp.as_str()) {
            (ttl, "", "") if !ttl.is_empty() => (Probe::Ttl, ttl),
            ("", url, "") if !url.is_empty() => (http(url)?, self.interval.as_str()),
            ("", "", target) if !target.is_empty() => {
                (Probe::Tcp { target: Some(target.to_owned()) }, self.interval.as_str())
            }
            _ => return Err("a check has one of HTTP, TCP and TTL".to_owned()),
        };
        let interval_ms = millis(interval)?.ok_or("Interval must be greater than 0")?;
        let initial = match self.status.as_str() {
            "" => Health::Critical,
            status => Health::of(status).ok_or_else(|| format!("Invalid check status: '{status}'"))?,
        };
        let turns = |asked: u32, default| if asked == 0 { default } else { asked.saturating_add(1) };
        let check = Check {
            name: if self.id.is_empty() { name } else { self.id },
            probe,
            interval_ms,
            timeout_ms: millis(&self.timeout)?.unwrap_or(TIMEOUT_MS),
            fall: turns(self.failures_before_critical, checks::FALL),
            rise: turns(self.success_before_passing, checks::RISE),
            initial,
        };
        check.check().map_err(|error| error.to_string())?;
        Ok(check)
    }
}

fn http(url: &str) -> Result<Probe, String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` is not an http:// address"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let target = if has_port { host.to_owned() } else { format!("{host}:80") };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Probe::Http { path, target: Some(target) })
}

fn millis(text: &str) -> Result<Option<u64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let span = duration(text).ok_or_else(|| format!("`{text}` is not a duration such as `10s`"))?;
    Ok(Some(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)).filter(|ms| *ms > 0))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
