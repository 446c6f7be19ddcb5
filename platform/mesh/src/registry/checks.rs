//! Whether a node is well: what is asked of it and how often, and what follows from the answers.
//!
//! Owns the forms of checks and the count of their outcomes. Never connects to anything: that is `prober`.
//! Start reading at [`Check`], then [`Tally`], which knows no clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Most characters of a check's name.
pub const NAME_CHARS_MAX: usize = 128;
/// Most characters of a path or a target.
pub const TARGET_CHARS_MAX: usize = 512;
/// Most characters that are kept of what a check found.
pub const OUTPUT_CHARS_MAX: usize = 1_024;
/// How often is asked where nothing is said (HAProxy's and our default).
pub const INTERVAL_MS: u64 = 2_000;
/// How long an answer may take where nothing is said.
pub const TIMEOUT_MS: u64 = 1_000;
/// Failures in a row after which a node is not well (HAProxy).
pub const FALL: u32 = 3;
/// Successes in a row after which it is well again (HAProxy).
pub const RISE: u32 = 2;

const INTERVAL_MS_MIN: u64 = 100;
const INTERVAL_MS_MAX: u64 = 24 * 3_600_000;
const TURNS_MAX: u32 = 100;

/// One way to find out whether a node is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name, one of a kind at its node.
    pub name: String,
    /// What is asked.
    pub probe: Probe,
    /// How often, in milliseconds; for [`Probe::Ttl`] how long a word holds.
    #[serde(default = "interval")]
    pub interval_ms: u64,
    /// How long the answer may take, in milliseconds.
    #[serde(default = "answer")]
    pub timeout_ms: u64,
    /// Failures in a row after which the node is not well.
    #[serde(default = "fall")]
    pub fall: u32,
    /// Successes in a row after which it is well again.
    #[serde(default = "rise")]
    pub rise: u32,
    /// How the node is until the first answer.
    #[serde(default)]
    pub initial: Health,
}

/// What is asked of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Probe {
    /// A GET. 2xx is well, 429 a warning, everything else a failure.
    Http {
        /// Path and query.
        path: String,
        /// `HOST:PORT`, where it is not the node's own address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
    },
    /// A connection.
    Tcp {
        /// `HOST:PORT`, where it is not the node's own address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
    },
    /// Nothing: the node says by itself how it is, and its word holds for the interval.
    Ttl,
}

/// How a node, or one of its checks, is. The greater is the worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Well.
    #[default]
    Passing,
    /// Able to serve, but somebody should look.
    Warning,
    /// Not able to serve.
    Critical,
}

/// Why a check is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The name breaks the rules.
    #[error("the name of a check is 1 to 128 characters, none of them a control character")]
    Name,
    /// Path or target break the rules.
    #[error("`{0}` is not what a check can ask: a path begins with `/`, a target is HOST:PORT")]
    Target(String),
    /// A time breaks the rules.
    #[error("a check's interval is 100 ms to 24 h, its timeout 1 ms to its interval or 10 s")]
    Times,
    /// A count breaks the rules.
    #[error("a check's rise and fall are 1 to 100")]
    Turns,
}

impl Health {
    /// Returns its name, which is Consul's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Returns the health of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Passing, Self::Warning, Self::Critical].into_iter().find(|health| health.name() == name)
    }
}

impl Check {
    /// Returns the check of this name with the defaults.
    pub fn new(name: impl Into<String>, probe: Probe) -> Self {
        let (interval_ms, timeout_ms) = (INTERVAL_MS, TIMEOUT_MS);
        Self { name: name.into(), probe, interval_ms, timeout_ms, fall: FALL, rise: RISE, initial: Health::Passing }
    }

    /// Returns how often it is asked, or how long a word holds.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// Checks the rules and bounds of every part.
    pub fn check(&self) -> Result<(), CheckError> {
        let chars = self.name.chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&chars) || self.name.chars().any(char::is_control) {
            return Err(CheckError::Name);
        }
        if !(INTERVAL_MS_MIN..=INTERVAL_MS_MAX).contains(&self.interval_ms)
            || !(1..=self.interval_ms.max(10_000)).contains(&self.timeout_ms)
        {
            return Err(CheckError::Times);
        }
        if !(1..=TURNS_MAX).contains(&self.fall) || !(1..=TURNS_MAX).contains(&self.rise) {
            return Err(CheckError::Turns);
        }
        let refused = |text: &str| Err(CheckError::Target(text.chars().take(TARGET_CHARS_MAX).collect()));
        match &self.probe {
            Probe::Http { path, .. } if !is_path(path) => refused(path),
            Probe::Http { target: Some(target), .. } | Probe::Tcp { target: Some(target) } if !is_target(target) => {
                refused(target)
            }
            _ => Ok(()),
        }
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= TARGET_CHARS_MAX && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_target(target: &str) -> bool {
    let Some((host, port)) = target.rsplit_once(':') else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    target.len() <= TARGET_CHARS_MAX
        && !host.is_empty()
        && host.bytes().all(plain)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn interval() -> u64 {
    INTERVAL_MS
}

fn answer() -> u64 {
    TIMEOUT_MS
}

fn fall() -> u32 {
    FALL
}

fn rise() -> u32 {
    RISE
}

/// What the answers to one check add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    health: Health,
    output: String,
    /// How many answers in a row say something else than `health`.
    against: u32,
    /// Whether nothing has been answered yet: the first answer then decides at once.
    pending: bool,
}

impl Tally {
    /// Returns the tally of a check that has not been answered.
    pub fn new(check: &Check) -> Self {
        Self { health: check.initial, output: String::new(), against: 0, pending: true }
    }

    /// Returns how the node is by this check.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Returns what the last answer said.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// Takes in an answer.
    pub fn observe(&mut self, found: Health, output: &str, check: &Check) {
        self.output = output.chars().take(OUTPUT_CHARS_MAX).collect();
        let serving = |health: Health| health != Health::Critical;
        let decided = match (serving(self.health), serving(found)) {
            // Between well and warned a word is enough: the node serves in either case.
            (true, true) => true,
            (false, false) => false,
            (true, false) => self.against + 1 >= check.fall,
            (false, true) => self.against + 1 >= check.rise,
        };
        if decided || self.pending {
            self.health = found;
            self.against = 0;
        } else if serving(self.health) == serving(found) {
            self.against = 0;
        } else {
            self.against += 1;
        }
        self.pending = false;
    }

    /// Takes in what somebody decided, who need not say it twice.
    pub fn set(&mut self, health: Health, output: &str) {
        self.output = output.chars().take(OUTPUT_CHARS_MAX).collect();
        (self.health, self.against, self.pending) = (health, 0, false);
    }
}

#[cfg(test)]
mod tests;
