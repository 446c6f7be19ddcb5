//! Whether this process is well and ready for requests, as data; whoever serves HTTP serves the answers.
//!
//! Owns the list of readiness checks. Never does I/O: what takes time is watched by a task that raises a [`Flag`].
//! Start reading at [`Health`].

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use serde::Serialize;

use crate::Shutdown;

/// A check. It must answer at once.
type Check = Box<dyn Fn(&str) -> CheckReport + Send + Sync>;

/// The readiness of one node, by the names of its checks. Cloning is cheap.
#[derive(Clone)]
pub struct Health {
    checks: Arc<RwLock<BTreeMap<String, Check>>>,
    shutdown: Shutdown,
}

/// The answer to `/health` or `/ready`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether all is well; decides between 200 and 503.
    pub ok: bool,
    /// The checks, by name.
    pub checks: Vec<CheckReport>,
}

/// What one check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The check's name.
    pub name: String,
    /// Whether it passes.
    pub ok: bool,
    /// Why it does not; or, when it passes, what is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A check whose state is set from outside, for example by the task that connects to a database.
#[derive(Clone)]
pub struct Flag(Arc<RwLock<Result<(), String>>>);

impl Health {
    /// Returns the health of the node that `shutdown` stops; a node that is stopping is not ready.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { checks: Arc::default(), shutdown }
    }

    /// Adds a check, or replaces the one of this name.
    pub fn register(&self, name: &str, check: impl Fn() -> Result<(), String> + Send + Sync + 'static) {
        self.checks.write().insert(name.to_owned(), Box::new(move |name| report(name, check())));
    }

    /// Adds a check that always passes and says what is not as it should be, for what the node can do without a while.
    pub fn remark(&self, name: &str, remark: impl Fn() -> Option<String> + Send + Sync + 'static) {
        let check = move |name: &str| CheckReport { reason: remark(), ..report(name, Ok(())) };
        self.checks.write().insert(name.to_owned(), Box::new(check));
    }

    /// Adds a check that fails until its flag is raised.
    pub fn flag(&self, name: &str) -> Flag {
        let flag = Flag(Arc::new(RwLock::new(Err("starting".to_owned()))));
        let state = Arc::clone(&flag.0);
        self.register(name, move || state.read().clone());
        flag
    }

    /// Returns whether the process is alive. It is when it can answer at all.
    pub fn alive(&self) -> Report {
        Report { ok: true, checks: Vec::new() }
    }

    /// Returns whether requests should be sent here.
    pub fn ready(&self) -> Report {
        let checks = self.checks.read();
        let mut reports: Vec<_> = checks.iter().map(|(name, check)| check(name)).collect();
        if self.shutdown.is_cancelled() {
            reports.push(report("running", Err("stopping".to_owned())));
        }
        Report { ok: reports.iter().all(|report| report.ok), checks: reports }
    }
}

impl Report {
    /// Returns the HTTP status that goes with it.
    pub fn status(&self) -> u16 {
        if self.ok { 200 } else { 503 }
    }
}

impl Flag {
    /// Says that the check passes.
    pub fn raise(&self) {
        *self.0.write() = Ok(());
    }

    /// Says that the check fails, and why.
    pub fn lower(&self, reason: impl Into<String>) {
        *self.0.write() = Err(reason.into());
    }
}

fn report(name: &str, result: Result<(), String>) -> CheckReport {
    CheckReport { name: name.to_owned(), ok: result.is_ok(), reason: result.err() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_when_every_flag_is_up_and_it_is_not_stopping() {
        let shutdown = Shutdown::new();
        let health = Health::new(shutdown.clone());
        assert!(health.ready().ok);
        let flag = health.flag("storage");
        assert_eq!(health.ready().checks, [report("storage", Err("starting".to_owned()))]);
        flag.raise();
        assert_eq!(health.ready().status(), 200);
        health.remark("registry", || Some("away".to_owned()));
        assert!(health.ready().ok && health.ready().checks[0].reason.is_some());
        shutdown.begin();
        assert_eq!(health.ready().status(), 503);
        assert_eq!(health.alive().status(), 200);
    }
}
