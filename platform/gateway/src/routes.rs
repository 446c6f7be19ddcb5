//! Where a request belongs: routes by host, path, method, headers and query, with the precedence of the Gateway API.
//!
//! Owns the table made from the route file and from each service's own list of routes. Never looks anything up while a
//! request waits. Start reading at [`Table::find`]. Of the routes that fit, the one with the most particular host is
//! taken (a name before `*.`, a longer before a shorter), then `exact` before `regex` before `prefix`, the longer path,
//! the one with a method, the most headers, the most query parameters, and at last the first in the order of the file;
//! the services' own routes come after the file's.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use http::{HeaderMap, Method};
use mesh::discovery::{Service, View};
use percent_encoding::percent_decode;

use self::{
    claims::Claims,
    file::{File, Match, Place, Protocol, Route},
    pattern::{Host, Path},
};
use crate::{activity::ticks, metrics::ServiceHandles, rates::Limit};

mod claims;
pub(crate) mod cors;
pub(crate) mod file;
mod pattern;
pub(crate) mod rewrite;

/// Most labels of a host's name (RFC 1035, 3.1), and so of lookups for its wildcards.
const LABELS_MAX: usize = 127;

/// The routes of one moment.
#[derive(Default)]
pub(crate) struct Table {
    exact: HashMap<String, Paths>,
    /// By what follows `*.`.
    below: HashMap<String, Paths>,
    any: Paths,
    /// All of them, in the order of the file, for whoever explains a choice.
    listed: Vec<Arc<Entry>>,
    /// Those that services ask for themselves, also of services that have no node now.
    claims: Claims,
}

/// The routes of one host.
#[derive(Default)]
struct Paths {
    exact: HashMap<String, Vec<Arc<Entry>>>,
    regexes: Vec<Arc<Entry>>,
    prefixes: Branch,
}

#[derive(Default)]
struct Branch {
    entries: Vec<Arc<Entry>>,
    children: BTreeMap<Box<str>, Branch>,
}

/// One match of one route.
pub(crate) struct Entry {
    matching: Match,
    order: usize,
    /// Where its requests go, and how.
    pub(crate) way: Arc<Way>,
}

/// A route with its backends as they are at this moment.
pub(crate) struct Way {
    /// What the route says.
    pub(crate) route: Arc<Route>,
    /// Its own limits.
    pub(crate) limits: Vec<Arc<Limit>>,
    /// Where copies go, and up to which chance.
    pub(crate) mirror: Option<(u64, Arc<Target>)>,
    /// The backends, each with the sum of weights up to and with its own.
    targets: Vec<(u64, Arc<Target>)>,
}

/// Where requests of one route go.
pub(crate) struct Target {
    /// The service and its nodes.
    pub(crate) service: Arc<Service>,
    /// Whether it is outside of the installation, and so must not see what is only for us.
    pub(crate) outside: bool,
    /// What it speaks.
    pub(crate) protocol: Protocol,
    /// Largest request body, in bytes.
    pub(crate) body_bytes_max: u64,
    /// Until it must have begun to answer, in ticks, where the route says so.
    pub(crate) response_ticks: Option<u32>,
    /// The service's numbers.
    pub(crate) metrics: ServiceHandles,
}

/// What is known of a request when its way is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// In lower case, without a port.
    pub(crate) host: &'a str,
    pub(crate) method: &'a Method,
    /// Normalised.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
}

/// What a table is made from.
pub(crate) struct Sources<'a> {
    /// The route file.
    pub(crate) file: &'a File,
    /// The nodes of the services.
    pub(crate) services: &'a View,
    /// The addresses of the file's upstreams.
    pub(crate) upstreams: &'a View,
    /// Largest request body where a route says nothing.
    pub(crate) body_bytes_max: u64,
    /// The table that this one follows.
    pub(crate) before: Option<&'a Table>,
}

impl Table {
    /// Returns the table of everything in `sources`.
    pub(crate) fn of(sources: &Sources<'_>) -> Self {
        let mut table = Self::default();
        for route in &sources.file.routes {
            table.insert(sources, route.clone());
        }
        let claims = Claims::of(sources.services, sources.before.map(|before| &before.claims));
        for route in claims.routes() {
            table.insert(sources, route);
        }
        table.claims = claims;
        table
    }

    /// Returns whether there is no route.
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Returns every route's matches, in the order of the file.
    pub(crate) fn listed(&self) -> &[Arc<Entry>] {
        &self.listed
    }

    /// Returns the route of a request.
    pub(crate) fn find(&self, asked: &Asked<'_>) -> Option<&Arc<Entry>> {
        let labels = if self.below.is_empty() { 0 } else { LABELS_MAX };
        let suffixes = std::iter::successors(parent(asked.host), |host| parent(host)).take(labels);
        let below = suffixes.filter_map(|suffix| self.below.get(suffix));
        let mut hosts = self.exact.get(asked.host).into_iter().chain(below).chain([&self.any]);
        hosts.find_map(|paths| paths.find(asked))
    }

    fn insert(&mut self, sources: &Sources<'_>, route: Route) {
        let route = Arc::new(route);
        let every = [Match::default()];
        let matches = if route.matches.is_empty() { &every[..] } else { &route.matches };
        let way = Arc::new(Way::of(sources, Arc::clone(&route)));
        for matching in matches {
            let (matching, order) = (matching.clone(), self.listed.len());
            let entry = Arc::new(Entry { matching, order, way: Arc::clone(&way) });
            self.listed.push(Arc::clone(&entry));
            if route.hosts.is_empty() {
                self.any.insert(&entry);
            }
            for host in &route.hosts {
                let paths = match host {
                    Host::Exact(name) => self.exact.entry(name.clone()),
                    Host::Below(name) => self.below.entry(name.clone()),
                };
                paths.or_default().insert(&entry);
            }
        }
    }
}

impl Paths {
    fn find(&self, asked: &Asked<'_>) -> Option<&Arc<Entry>> {
        let exact = self.exact.get(asked.path).and_then(|entries| first(entries, asked));
        let regex = || self.regexes.iter().find(|entry| entry.path_fits(asked.path) && entry.rest_fits(asked));
        exact.or_else(regex).or_else(|| self.prefixes.find(asked.path.strip_prefix('/')?, asked))
    }

    fn insert(&mut self, entry: &Arc<Entry>) {
        let entries = match &entry.matching.path {
            Path::Exact(path) => self.exact.entry(path.clone()).or_default(),
            Path::Regex(_) => &mut self.regexes,
            Path::Prefix(prefix) => {
                let segments = prefix.split('/').filter(|segment| !segment.is_empty());
                &mut segments.fold(&mut self.prefixes, Branch::child).entries
            }
        };
        entries.push(Arc::clone(entry));
        entries.sort_by_key(|entry| entry.rank());
    }
}

impl Branch {
    fn child<'a>(&'a mut self, segment: &str) -> &'a mut Self {
        self.children.entry(segment.into()).or_default()
    }

    /// Looks below first: a longer prefix goes before a shorter one.
    fn find(&self, rest: &str, asked: &Asked<'_>) -> Option<&Arc<Entry>> {
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        let below = self.children.get(segment).and_then(|child| child.find(after, asked));
        below.or_else(|| first(&self.entries, asked))
    }
}

/// Returns the host without its first label.
fn parent(host: &str) -> Option<&str> {
    host.split_once('.').map(|(_, rest)| rest)
}

fn first<'a>(entries: &'a [Arc<Entry>], asked: &Asked<'_>) -> Option<&'a Arc<Entry>> {
    entries.iter().find(|entry| entry.rest_fits(asked))
}

impl Entry {
    /// Returns the prefix that fits, or `/`.
    pub(crate) fn prefix(&self) -> &str {
        match &self.matching.path {
            Path::Prefix(prefix) => prefix,
            Path::Exact(_) | Path::Regex(_) => "/",
        }
    }

    /// Returns what sorts entries of equal hosts and paths, the most particular first.
    fn rank(&self) -> impl Ord + use<> {
        use std::cmp::Reverse;
        let Match { path, method, headers, query } = &self.matching;
        let chars = if let Path::Regex(expression) = path { expression.chars() } else { 0 };
        (Reverse(chars), method.is_none(), Reverse(headers.len()), Reverse(query.len()), self.order)
    }

    fn path_fits(&self, path: &str) -> bool {
        match &self.matching.path {
            Path::Regex(expression) => expression.fits(path),
            Path::Exact(_) | Path::Prefix(_) => true,
        }
    }

    /// Returns whether everything but the path fits.
    fn rest_fits(&self, asked: &Asked<'_>) -> bool {
        let Match { method, headers, query, .. } = &self.matching;
        method.as_ref().is_none_or(|method| method.0 == asked.method)
            && headers.iter().all(|(name, text)| header_fits(asked, &name.0, text))
            && query.iter().all(|(name, text)| query_fits(asked, name, text))
    }

    /// Returns what keeps a request from this match, in words; `None` when it fits.
    pub(crate) fn misfit(&self, asked: &Asked<'_>) -> Option<String> {
        let Match { path, method, headers, query } = &self.matching;
        let hosts = &self.way.route.hosts;
        if !hosts.is_empty() && !hosts.iter().any(|host| host.fits(asked.host)) {
            return Some(format!("the host `{}` is none of its own", asked.host));
        }
        if !path.fits(asked.path) {
            return Some(format!("the path is not {path}"));
        }
        if let Some(method) = method.as_ref().filter(|method| method.0 != asked.method) {
            return Some(format!("the method is not {}", method.0));
        }
        let header = headers.iter().find(|(name, text)| !header_fits(asked, &name.0, text));
        let parameter = query.iter().find(|(name, text)| !query_fits(asked, name, text));
        header
            .map(|(name, _)| format!("the header `{}` does not fit", name.0))
            .or_else(|| parameter.map(|(name, _)| format!("the query's `{name}` does not fit")))
    }

    /// Returns what it asks of a request, in words.
    pub(crate) fn describe(&self) -> String {
        let Match { path, method, headers, query } = &self.matching;
        let method = method.as_ref().map(|method| format!("{} ", method.0)).unwrap_or_default();
        let more = |count: usize, what: &str| if count == 0 { String::new() } else { format!(", {count} {what}") };
        format!("{method}{path}{}{}", more(headers.len(), "headers"), more(query.len(), "query parameters"))
    }
}

fn header_fits(asked: &Asked<'_>, name: &str, text: &pattern::Text) -> bool {
    let mut values = asked.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| text.fits(value))
}

fn query_fits(asked: &Asked<'_>, name: &str, text: &pattern::Text) -> bool {
    parameter(asked.query, name).is_some_and(|value| text.fits(&value))
}

/// Returns the first value of a query parameter.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let decode = |text: &str| percent_decode(text.replace('+', " ").as_bytes()).decode_utf8_lossy().into_owned();
    let pairs = query?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter(|(key, _)| decode(key) == name).map(|(_, value)| decode(value)).next()
}

impl Way {
    fn of(sources: &Sources<'_>, route: Arc<Route>) -> Self {
        let mut targets = Vec::new();
        let mut sum = 0;
        for backend in route.backends.iter().filter(|backend| backend.weight > 0) {
            let Some(target) = Target::of(sources, &route, backend.at()) else { continue };
            sum += u64::from(backend.weight);
            targets.push((sum, target));
        }
        let mirror = route.mirror.as_ref().and_then(|mirror| {
            let threshold = (f64::from(mirror.percent) / 100.0 * u64::MAX as f64) as u64;
            Some((threshold, Target::of(sources, &route, mirror.at())?))
        });
        let limits = route.limits.iter().filter_map(|rule| Limit::of(rule, &route.name)).collect();
        Self { route, limits, mirror, targets }
    }

    /// Returns the backends with their weights.
    pub(crate) fn weighed(&self) -> impl Iterator<Item = (u64, &Arc<Target>)> {
        let before = std::iter::once(0).chain(self.targets.iter().map(|(until, _)| *until));
        self.targets.iter().zip(before).map(|((until, target), before)| (until - before, target))
    }

    /// Returns a backend by weight, where `chance` is any number; `None` while no backend has a node. The share of a
    /// backend without one goes to the others.
    pub(crate) fn target(&self, chance: u64) -> Option<&Arc<Target>> {
        let (sum, only) = self.targets.last()?;
        if self.targets.len() == 1 {
            return Some(only);
        }
        let drawn = ((u128::from(chance) * u128::from(*sum)) >> 64) as u64;
        self.targets.iter().find(|(until, _)| drawn < *until).map(|(_, target)| target)
    }
}

impl Target {
    /// Returns the target of `route` at `place`, if that has a node.
    fn of(sources: &Sources<'_>, route: &Route, place: Place<'_>) -> Option<Arc<Self>> {
        let service = sources.service(place)?;
        Some(Arc::new(Self {
            metrics: ServiceHandles::of(&service.name),
            service: Arc::clone(service),
            outside: matches!(place, Place::Upstream(_)),
            protocol: sources.protocol(place),
            body_bytes_max: route.body_bytes_max.unwrap_or(sources.body_bytes_max),
            response_ticks: route.response_timeout_ms.map(ticks),
        }))
    }
}

impl<'a> Sources<'a> {
    fn service(&self, place: Place<'_>) -> Option<&'a Arc<Service>> {
        match place {
            Place::Service(name) => self.services.service(name),
            Place::Upstream(name) => self.upstreams.service(name),
        }
    }

    fn protocol(&self, place: Place<'_>) -> Protocol {
        let Place::Upstream(name) = place else { return Protocol::Http1 };
        let upstream = self.file.upstreams.iter().find(|upstream| upstream.name == name);
        upstream.map_or(Protocol::Http1, |upstream| upstream.protocol)
    }
}

#[cfg(test)]
mod tests;
