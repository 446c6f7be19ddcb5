//! How many requests a client, a person, a tenant or a route may make: counted here, or by all gateways together.
//!
//! Owns the limits and their buckets. Never decides who somebody is, and never lets a shared engine that is away keep a
//! request: then this gateway counts for itself. Start reading at `Rates::check`; `gcra` is the arithmetic, `table` the
//! buckets of this process, `shared` those of the installation.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    sync::Arc,
};

use http::Method;
use runtime::metrics::Counter;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

pub(crate) mod gcra;
pub(crate) mod network;
mod shared;
mod table;

pub use self::network::Network;
use self::{
    gcra::{PER_SECOND_MAX, Quota, SECONDS_MAX, Verdict},
    table::{Key, Table},
};
use crate::metrics;

const NAME_BYTES_MAX: usize = 40;

/// A limit as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called in answers, logs and metrics. Since v0.1.
    pub name: String,
    /// Whose requests are counted together. Since v0.1.
    pub by: By,
    /// How many requests. Since v0.1.
    pub requests: u64,
    /// In how many seconds. Since v0.1.
    pub seconds: u64,
    /// How many of them may come at once; all when absent. Since v0.1.
    pub burst: Option<u64>,
    /// The method it is for; all when absent. Since v0.1.
    pub method: Option<String>,
    /// The paths it is for, compared whole; all when empty. Since v0.1.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Those from one address, or from one customer's range of IPv6.
    Address,
    /// Those of one person who is signed in; nobody else is concerned.
    Person,
    /// Those to one tenant.
    Tenant,
    /// All.
    Route,
}

/// A limit in force.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) rule: Rule,
    pub(crate) quota: Quota,
    /// The same for the same words in every process, so that counting goes on over a change of the file.
    id: u64,
    /// The route whose own limit it is; empty for the gateway's.
    route: Arc<str>,
    refused: Counter,
}

/// Who asks, as far as is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) address: IpAddr,
    pub(crate) person: Option<Uuid>,
    pub(crate) tenant: Option<Uuid>,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
}

/// A bucket that a request is to be taken out of.
#[derive(Clone, Copy)]
struct Due<'a> {
    limit: &'a Arc<Limit>,
    subject: u128,
}

/// What a limit said of a request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) limit: Arc<Limit>,
    pub(crate) verdict: Verdict,
}

/// The limits of the gateway, and the buckets of all limits.
pub(crate) struct Rates {
    limits: Vec<Arc<Limit>>,
    exempt: Vec<Network>,
    table: Table,
    born: Instant,
    shared: Option<cache::Shared>,
    alone: Counter,
}

impl Rule {
    /// Returns what is wrong with it, if anything is.
    pub fn check(&self) -> Result<(), String> {
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.name.is_empty() || self.name.len() > NAME_BYTES_MAX || !self.name.bytes().all(named) {
            return Err(format!("a limit's name has 1 to {NAME_BYTES_MAX} small letters, digits and `-`"));
        }
        if self.method.as_ref().is_some_and(|method| Method::from_bytes(method.as_bytes()).is_err()) {
            return Err(format!("limit `{}` is for a method that is none", self.name));
        }
        if self.quota().is_none() {
            return Err(format!(
                "limit `{}` must let through at least one request in 1 to {SECONDS_MAX} seconds, and at most \
                 {PER_SECOND_MAX} a second",
                self.name
            ));
        }
        Ok(())
    }

    fn quota(&self) -> Option<Quota> {
        Quota::of(self.requests, self.seconds, self.burst.unwrap_or(self.requests))
    }
}

impl Limit {
    /// Returns the limit of `route` that `rule` describes; `None` for a rule that [`Rule::check`] refuses.
    pub(crate) fn of(rule: &Rule, route: &str) -> Option<Arc<Self>> {
        let mut hasher = DefaultHasher::new();
        (route, &rule.name, rule.by).hash(&mut hasher);
        let (id, refused) = (hasher.finish(), metrics::RATE_LIMITED.with(&[&rule.name]));
        Some(Arc::new(Self { quota: rule.quota()?, id, route: route.into(), refused, rule: rule.clone() }))
    }

    /// Returns whom it counts `asking` as; `None` when it does not concern this request.
    fn subject(&self, asking: &Asking<'_>, exempt: bool) -> Option<u128> {
        let rule = &self.rule;
        if rule.method.as_ref().is_some_and(|method| method != asking.method.as_str())
            || !(rule.paths.is_empty() || rule.paths.iter().any(|path| path == asking.path))
        {
            return None;
        }
        match rule.by {
            By::Address => (!exempt).then(|| network::client(asking.address)),
            By::Person => asking.person.map(|id| id.as_u128()),
            By::Tenant => asking.tenant.map(|id| id.as_u128()),
            By::Route => Some(0),
        }
    }

    /// Returns whether it can be held to before it is known who asks.
    fn comes_first(&self) -> bool {
        self.rule.by == By::Address && self.rule.paths.is_empty()
    }
}

impl Due<'_> {
    fn key(&self) -> Key {
        Key { limit: self.limit.id, subject: self.subject }
    }

    fn shared_key(&self) -> String {
        let Limit { rule, route, .. } = &**self.limit;
        format!("fpms:rate:{route}:{}:{:032x}", rule.name, self.subject)
    }
}

impl Seen {
    /// Returns the part of the quota that is left, in millionths.
    fn left(&self) -> u64 {
        self.verdict.remaining.saturating_mul(1_000_000) / self.limit.quota.burst
    }

    /// Returns the one that leaves less.
    pub(crate) fn tighter(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.left() < self.left() => other,
            _ => self,
        }
    }
}

impl Rates {
    /// Returns the rates with these limits, of which those that cannot be are left out.
    pub(crate) fn new(rules: &[Rule], exempt: Vec<Network>, buckets_max: usize, shared: Option<cache::Shared>) -> Self {
        Self {
            limits: rules.iter().filter_map(|rule| Limit::of(rule, "")).collect(),
            exempt,
            table: Table::new(buckets_max),
            born: Instant::now(),
            shared,
            alone: metrics::RATES_COUNTED_ALONE.with(&[]),
        }
    }

    /// Holds `asking` to the gateway's limits by address, before anything is asked of anybody.
    pub(crate) async fn check_first(&self, asking: &Asking<'_>) -> Result<Option<Seen>, Seen> {
        self.check(asking, self.limits.iter().filter(|limit| limit.comes_first())).await
    }

    /// Holds `asking` to the gateway's other limits, unless the route goes without them, and to the route's own.
    pub(crate) async fn check_rest(
        &self,
        asking: &Asking<'_>,
        own: &[Arc<Limit>],
        exempt: bool,
    ) -> Result<Option<Seen>, Seen> {
        let general = self.limits.iter().filter(|limit| !limit.comes_first() && !exempt);
        self.check(asking, general.chain(own)).await
    }

    /// Returns whether gateways count together.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Returns what the limits say of `asking` at the moment, and takes nothing. Only what this process counts is known.
    pub(crate) fn look(&self, asking: &Asking<'_>, own: &[Arc<Limit>], exempt: bool) -> Vec<Seen> {
        let general = self.limits.iter().filter(|limit| limit.comes_first() || !exempt);
        let seen = |due: Due<'_>| {
            let verdict = self.table.look(due.key(), due.limit.quota, self.now_us());
            Seen { limit: Arc::clone(due.limit), verdict }
        };
        self.dues(asking, general.chain(own)).into_iter().map(seen).collect()
    }

    /// Takes one request out of each bucket; an error is the limit that has none left.
    async fn check<'a>(
        &self,
        asking: &Asking<'_>,
        limits: impl Iterator<Item = &'a Arc<Limit>>,
    ) -> Result<Option<Seen>, Seen> {
        let dues = self.dues(asking, limits);
        if dues.is_empty() {
            return Ok(None);
        }
        let verdicts = self.verdicts(&dues).await;
        let mut tightest: Option<Seen> = None;
        for (due, verdict) in dues.iter().zip(verdicts) {
            let seen = Seen { limit: Arc::clone(due.limit), verdict };
            if verdict.wait_us.is_some() {
                due.limit.refused.increment();
                return Err(seen);
            }
            tightest = Some(seen.tighter(tightest));
        }
        Ok(tightest)
    }

    async fn verdicts(&self, dues: &[Due<'_>]) -> Vec<Verdict> {
        if let Some(shared) = &self.shared {
            if let Ok(verdicts) = Box::pin(shared::take(shared, dues)).await {
                return verdicts;
            }
            self.alone.increment();
        }
        let now_us = self.now_us();
        let mut verdicts = Vec::with_capacity(dues.len());
        for due in dues {
            let verdict = self.table.take(due.key(), due.limit.quota, now_us);
            verdicts.push(verdict);
            if verdict.wait_us.is_some() {
                break;
            }
        }
        verdicts
    }

    fn dues<'a>(&self, asking: &Asking<'_>, limits: impl Iterator<Item = &'a Arc<Limit>>) -> Vec<Due<'a>> {
        let exempt = self.exempt.iter().any(|network| network.contains(asking.address));
        let due = |limit: &'a Arc<Limit>| Some(Due { limit, subject: limit.subject(asking, exempt)? });
        limits.filter_map(due).collect()
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
