//! What a query asks for: Consul's parameters, and durations as Go writes them.

use std::time::Duration;

/// How long a query waits that does not say.
const WAIT: Duration = Duration::from_mins(5);
/// Longest wait.
const WAIT_MAX: Duration = Duration::from_mins(10);

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) index: Option<u64>,
    pub(super) wait: Duration,
    pub(super) tags: Vec<String>,
    pub(super) datacenter: Option<String>,
    pub(super) service: Option<String>,
    /// Whether only nodes of which every check passes are asked for.
    pub(super) passing: bool,
    pub(super) enable: Option<bool>,
    pub(super) reason: String,
    pub(super) note: String,
    /// What is wanted of a key.
    pub(super) shape: Shape,
    pub(super) separator: Option<String>,
    pub(super) flags: u64,
    /// The index at which a pair must have been changed last.
    pub(super) cas: Option<u64>,
}

/// What is wanted of a key; of several that are asked for, the last here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    #[default]
    Pair,
    /// Its value, as it is.
    Value,
    /// All pairs whose keys begin with it.
    All,
    /// The names of those alone, each as far as the separator.
    Names,
}

impl Query {
    /// Reads a query. Parameters that change nothing here, such as `stale`, are passed over.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut query = Self { wait: WAIT, ..Self::default() };
        for (name, value) in text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
            let value = decoded(value).ok_or("a parameter is not UTF-8, percent-encoded")?;
            match name {
                "index" => {
                    let index: u64 = value.parse().map_err(|_| "Invalid index")?;
                    query.index = (index > 0).then_some(index);
                }
                "wait" => query.wait = duration(&value).ok_or("Invalid wait time")?.min(WAIT_MAX),
                "tag" => query.tags.push(value),
                "dc" if !value.is_empty() => query.datacenter = Some(value),
                "passing" => query.passing = value.is_empty() || flag(&value).ok_or("Invalid value for ?passing")?,
                "enable" => query.enable = Some(flag(&value).ok_or("Invalid value for enable")?),
                "reason" => query.reason = value,
                "note" => query.note = value,
                // Consul takes these for set whatever their value is.
                "raw" => query.shape = query.shape.max(Shape::Value),
                "recurse" => query.shape = query.shape.max(Shape::All),
                "keys" => query.shape = query.shape.max(Shape::Names),
                "separator" => query.separator = Some(value),
                "flags" => query.flags = value.parse().map_err(|_| "Invalid flags")?,
                "cas" => query.cas = Some(value.parse().map_err(|_| "Invalid cas")?),
                "acquire" | "release" => return Err("sessions and locks are not offered here"),
                "service" => query.service = Some(value),
                "filter" if !value.is_empty() => return Err("filter expressions are not offered here"),
                _ => {}
            }
        }
        Ok(query)
    }

    /// Returns whether a node with these tags is asked for: it has all that are named.
    pub(super) fn admits(&self, tags: &[String]) -> bool {
        self.tags.iter().all(|tag| tags.contains(tag))
    }
}

/// Reads a boolean as Go's `strconv` does.
fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Reads a duration of Go's `time` package: numbers with units, such as `1m30s` or `120000ms`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text, Duration::ZERO);
    if text.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let seconds = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let span = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(span)?;
        rest = after;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs_f64());
        for (text, wanted) in [("120000ms", 120.0), ("1m30s", 90.0), ("1.5s", 1.5), ("2h", 7_200.0)] {
            assert_eq!(seconds(text), Some(wanted), "{text}");
        }
        for bad in ["", "5", "s", "-1s", "1d", "1.2.3s", "1s2", "99999999999999999999h"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn parameters_are_decoded_and_bounded() {
        let query = Query::parse("index=7&wait=1h&tag=a%20b&tag=c&stale&dc=").unwrap();
        let tags = vec!["a b".to_owned(), "c".to_owned()];
        assert_eq!(query, Query { index: Some(7), wait: WAIT_MAX, tags, ..Query::default() });
        for bad in ["index=x", "wait=soon", "tag=%f", "tag=%ff", "filter=a"] {
            assert!(Query::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,60}") {
            let _ = Query::parse(&text);
        }
    }
}
