//! The route file: TOML, strict, and refused whole when anything in it is wrong.
//!
//! Owns its form. Never opens it. Start reading at [`File`]; `docs/guides/gateway.md` explains it with examples.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    cors::Cors,
    pattern::{Host, Name, Path, Text, Verb},
    rewrite::{Changes, Redirect, Rewrite},
};
use crate::listeners::Listener;
use crate::rates::Rule;

mod upstream;

pub(crate) use self::upstream::{Protocol, Security, Upstream};

/// Most routes, and most upstreams, of a file.
const ENTRIES_MAX: usize = 10_000;
/// Most listeners of a file; each takes a socket and a task of every worker.
const LISTENERS_MAX: usize = 64;
/// Below this likeness a suggestion would be a guess.
const LIKENESS_MIN: f64 = 0.5;
const WEIGHT_MAX: u32 = 1_000_000;

/// Everything a route file says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Where requests are taken in beside the listeners of the settings.
    #[serde(default, rename = "listener")]
    pub(crate) listeners: Vec<Listener>,
    /// Places outside of the installation.
    #[serde(default, rename = "upstream")]
    pub(crate) upstreams: Vec<Upstream>,
    /// The routes; of two that fit equally well, the first is taken.
    #[serde(default, rename = "route")]
    pub(crate) routes: Vec<Route>,
}

/// What is done with requests that fit one of its matches.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// What it is called in logs and explanations.
    pub(crate) name: String,
    /// The hosts it is for; all when empty.
    #[serde(default)]
    pub(crate) hosts: Vec<Host>,
    /// A request fits when it fits one of these; every request when empty.
    #[serde(default, rename = "match")]
    pub(crate) matches: Vec<Match>,
    /// Where requests go, by weight.
    #[serde(default, rename = "backend")]
    pub(crate) backends: Vec<Backend>,
    /// An answer instead of a backend.
    pub(crate) redirect: Option<Redirect>,
    /// What is changed of the request's host and path.
    #[serde(default)]
    pub(crate) rewrite: Rewrite,
    /// What is changed of the request's headers.
    #[serde(default)]
    pub(crate) request_headers: Changes,
    /// What is changed of the answer's headers.
    #[serde(default)]
    pub(crate) response_headers: Changes,
    /// Largest request body, in bytes, instead of the gateway's own bound.
    pub(crate) body_bytes_max: Option<u64>,
    /// Where copies of its requests go.
    pub(crate) mirror: Option<Mirror>,
    /// What pages of other origins may do.
    pub(crate) cors: Option<Cors>,
    /// Whether its answers are kept for everybody where they allow it; they are when not said.
    pub(crate) cache: Option<bool>,
    /// Whether its answers are compressed, instead of the gateway's own habit.
    pub(crate) compression: Option<bool>,
    /// Whether a second node is asked when the first takes long; it is when not said.
    pub(crate) hedge: Option<bool>,
    /// How much may come over it, besides what the gateway allows.
    #[serde(default, rename = "limit")]
    pub(crate) limits: Vec<Rule>,
    /// Whether the gateway's limits by person, tenant and path do not hold for it.
    #[serde(default)]
    pub(crate) limits_exempt: bool,
    /// Until a backend must have begun to answer, instead of the gateway's own bound.
    pub(crate) response_timeout_ms: Option<u64>,
}

/// What a request must be; everything that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    #[serde(default)]
    pub(crate) path: Path,
    pub(crate) method: Option<Verb>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<Name, Text>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Text>,
}

/// A service or an upstream, and its share.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    pub(crate) service: Option<String>,
    pub(crate) upstream: Option<String>,
    #[serde(default = "one")]
    pub(crate) weight: u32,
}

/// A second place for a share of the requests, whose answers nobody reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mirror {
    pub(crate) service: Option<String>,
    pub(crate) upstream: Option<String>,
    /// Of a hundred requests.
    #[serde(default = "hundred")]
    pub(crate) percent: u8,
}

/// Where a request can be led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// A service of the installation.
    Service(&'a str),
    /// A place outside.
    Upstream(&'a str),
}

/// Why a route file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is not TOML, or a value in it is not what it must be.
    #[error("line {line}: {reason}")]
    Line {
        /// The line, from one.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A route contradicts itself or the rest of the file.
    #[error("route `{route}` {reason}")]
    Route {
        /// The route.
        route: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An upstream cannot be what it says.
    #[error("upstream `{upstream}` {reason}")]
    Upstream {
        /// The upstream.
        upstream: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A listener cannot be what it says.
    #[error("listener `{listener}` {reason}")]
    Listener {
        /// The listener.
        listener: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More than a file may hold.
    #[error("a route file has at most {ENTRIES_MAX} routes, as many upstreams and {LISTENERS_MAX} listeners")]
    TooMany,
}

impl File {
    /// Reads the text of a route file and checks everything it says.
    pub(crate) fn read(text: &str) -> Result<Self, Invalid> {
        let file: Self = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.routes.len() > ENTRIES_MAX || self.upstreams.len() > ENTRIES_MAX || self.listeners.len() > LISTENERS_MAX
        {
            return Err(Invalid::TooMany);
        }
        for (number, listener) in self.listeners.iter().enumerate() {
            let checked = check_listener(listener, self.listeners.iter().take(number));
            checked.map_err(|reason| Invalid::Listener { listener: listener.name.clone(), reason })?;
        }
        for (number, upstream) in self.upstreams.iter().enumerate() {
            let twice = self.upstreams.iter().take(number).any(|other| other.name == upstream.name);
            upstream.check(twice).map_err(|reason| Invalid::Upstream { upstream: upstream.name.clone(), reason })?;
        }
        for (number, route) in self.routes.iter().enumerate() {
            let twice = self.routes.iter().take(number).any(|other| other.name == route.name);
            let checked = if twice { Err("is there twice".to_owned()) } else { route.check(self) };
            checked.map_err(|reason| Invalid::Route { route: route.name.clone(), reason })?;
        }
        Ok(())
    }
}

fn check_listener<'a>(
    listener: &Listener,
    mut before: impl Iterator<Item = &'a Listener> + Clone,
) -> Result<(), &'static str> {
    if before.clone().any(|other| other.name == listener.name) {
        return Err("is there twice");
    }
    if before.any(|other| other.address == listener.address) {
        return Err("has an address that another has too");
    }
    if listener.address.port() == 0 {
        return Err("has no port");
    }
    if !listener.certificates.is_empty() && listener.redirect_to_https.is_some() {
        return Err("has certificates, but leads to https elsewhere");
    }
    if !listener.certificates.is_empty() && listener.h2c {
        return Err("has certificates, and so HTTP/2 without `h2c`, which is for listeners without TLS");
    }
    Ok(())
}

impl Route {
    /// Returns the route of a prefix that a service asks for.
    pub(crate) fn of_service(service: &str, prefix: &str, body_bytes_max: Option<u64>) -> Self {
        let backend = Backend { service: Some(service.to_owned()), upstream: None, weight: 1 };
        Self {
            name: format!("{service} {prefix}"),
            matches: vec![Match { path: Path::prefix(prefix), ..Match::default() }],
            backends: vec![backend],
            body_bytes_max,
            ..Self::default()
        }
    }

    fn check(&self, file: &File) -> Result<(), String> {
        match &self.redirect {
            None if self.backends.is_empty() => return Err("has neither a `backend` nor a `redirect`".to_owned()),
            Some(_) if !self.backends.is_empty() => return Err("has both a `backend` and a `redirect`".to_owned()),
            Some(redirect) => redirect.check()?,
            None => {}
        }
        self.rewrite.check()?;
        if self.rewrite.prefix.is_some() || self.redirect.as_ref().is_some_and(|redirect| redirect.prefix.is_some()) {
            let prefixes = self.matches.iter().all(|matching| matches!(matching.path, Path::Prefix(_)));
            if !prefixes {
                return Err("replaces a prefix, but has a match without one".to_owned());
            }
        }
        for backend in &self.backends {
            backend.place(file)?;
            if backend.weight > WEIGHT_MAX {
                return Err(format!("has a weight above {WEIGHT_MAX}"));
            }
        }
        if !self.backends.is_empty() && self.backends.iter().all(|backend| backend.weight == 0) {
            return Err("has no backend with a weight above zero".to_owned());
        }
        if let Some(mirror) = &self.mirror {
            place(mirror.service.as_deref(), mirror.upstream.as_deref(), file)?;
            if !(1..=100).contains(&mirror.percent) || self.redirect.is_some() {
                return Err("has a `mirror` that is not of 1 to 100 percent, or is of a redirect".to_owned());
            }
        }
        if let Some(cors) = &self.cors {
            cors.check()?;
        }
        for (number, limit) in self.limits.iter().enumerate() {
            limit.check()?;
            if self.limits.iter().take(number).any(|other| other.name == limit.name) {
                return Err(format!("has two limits `{}`", limit.name));
            }
        }
        if self.response_timeout_ms == Some(0) {
            return Err("gives its backends no time".to_owned());
        }
        Ok(())
    }
}

impl Backend {
    fn place(&self, file: &File) -> Result<(), String> {
        place(self.service.as_deref(), self.upstream.as_deref(), file)
    }

    /// Returns where it is.
    pub(crate) fn at(&self) -> Place<'_> {
        at(self.service.as_deref(), self.upstream.as_deref())
    }
}

/// Checks that exactly one place is named, and that an upstream is in the file; a service may join later.
fn place(service: Option<&str>, upstream: Option<&str>, file: &File) -> Result<(), String> {
    match (service, upstream) {
        (Some(_), None) => Ok(()),
        (None, Some(name)) if file.upstreams.iter().any(|upstream| upstream.name == name) => Ok(()),
        (None, Some(name)) => {
            let nearest = nearest(name, file.upstreams.iter().map(|upstream| upstream.name.as_str()));
            Err(format!("leads to `{name}`, which is not an upstream of the file{}", hint(nearest)))
        }
        _ => Err("has a place that is not one of `service` and `upstream`".to_owned()),
    }
}

fn at<'a>(service: Option<&'a str>, upstream: Option<&'a str>) -> Place<'a> {
    upstream.map_or_else(|| Place::Service(service.unwrap_or_default()), Place::Upstream)
}

impl Mirror {
    /// Returns where it is.
    pub(crate) fn at(&self) -> Place<'_> {
        at(self.service.as_deref(), self.upstream.as_deref())
    }
}

fn hundred() -> u8 {
    100
}

fn one() -> u32 {
    1
}

/// Puts a reader's error into our words: the line, and for a key nobody knows the nearest one.
fn syntax(text: &str, error: &toml::de::Error) -> Invalid {
    let offset = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let message = error.message().trim();
    let reason = match message.strip_prefix("unknown field ") {
        // serde lists what it expected between backticks, the unknown first.
        Some(names) => {
            let mut names = names.split('`').skip(1).step_by(2);
            let unknown = names.next().unwrap_or_default();
            format!("there is no `{unknown}` here{}", hint(nearest(unknown, names)))
        }
        None => message.replace('\n', ", "),
    };
    Invalid::Line { line, reason }
}

fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::normalized_damerau_levenshtein(name, candidate);
    let best = candidates.map(|candidate| (likeness(candidate), candidate)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKENESS_MIN).then_some(best.1)
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; the nearest is `{name}`"))
}

#[cfg(test)]
mod tests;
