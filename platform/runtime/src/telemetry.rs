//! The log: lines for people on a terminal, or a JSON object a line for machines.

mod plain;

use std::io::{IsTerminal, stderr};

use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, fmt};

use self::plain::Plain;

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `human` or `json`. Since v0.1.
    pub format: LogFormat,
    /// What to log, in the syntax of `tracing`'s filters, for example `info,gateway=debug`. Since v0.1.
    pub filter: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info".to_owned() }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter cannot be read.
    #[error("the log filter `{filter}` is not valid")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Another subscriber is installed in this process already.
    #[error("the log is set up already")]
    Twice,
}

/// Installs the process's log, on standard error. Call it once, first thing.
pub fn init(settings: &Settings) -> Result<(), Error> {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|source| Error::Filter { filter: settings.filter.clone(), source })?;
    let builder = fmt().with_env_filter(filter).with_writer(stderr);
    let installed = match settings.format {
        LogFormat::Human if stderr().is_terminal() => builder.with_ansi(true).with_target(false).try_init(),
        LogFormat::Human => builder.event_format(Plain).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
    installed.map_err(|_| Error::Twice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let settings = Settings { filter: "info,=".to_owned(), ..Settings::default() };
        let error = init(&settings).unwrap_err();
        assert_eq!(error.to_string(), "the log filter `info,=` is not valid");
    }
}
