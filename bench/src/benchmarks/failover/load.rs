//! An even load: mostly reading, and a write with an Idempotency-Key for every nineteen reads.
//!
//! Who writes does not read: a write that waits keeps no read from being sent, and the times of each speak for themselves.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ::http::StatusCode;
use anyhow::{Context, Result};
use futures_util::future;
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use crate::{
    benchmarks::desk::{new_key, text},
    http::{Answer, Ask, Connection},
};

/// Of how many requests one is a write.
const WRITE_EVERY: u32 = 20;
/// Connections that the reads are spread over, and those of the writes.
const READERS: u32 = 95;
const WRITERS: u32 = 20;
/// From here on a request is told among the slow ones.
const SLOW: Duration = Duration::from_millis(250);
const VISITOR: TaskKind = TaskKind::new("failover-visitor", OnError::Log);

/// What is asked for.
#[derive(Clone)]
pub(super) struct Load {
    /// Requests a second.
    pub(super) rate: u32,
    pub(super) address: SocketAddr,
    pub(super) token: String,
    pub(super) cycle: String,
    pub(super) supervisor: String,
    pub(super) topics: Vec<String>,
    pub(super) projects: Vec<String>,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Read, Self::Write];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Write => "writes",
        }
    }
}

/// A request and how it went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) kind: Kind,
    /// When it was due, from the beginning of the load.
    pub(super) due: Duration,
    /// How long after that it was answered.
    pub(super) took: Duration,
    pub(super) failed: bool,
}

/// What all connections saw.
#[derive(Default)]
pub(super) struct Tally {
    samples: Mutex<Vec<Sample>>,
    failures: Mutex<Vec<String>>,
    acknowledged: Mutex<Vec<String>>,
    slow: Mutex<Vec<Slow>>,
}

/// A request that took long by itself.
#[derive(Clone)]
pub(super) struct Slow {
    pub(super) kind: Kind,
    /// When it was sent, from the beginning of the load.
    pub(super) sent: Duration,
    pub(super) took: Duration,
    pub(super) what: String,
}

/// The timetable of one connection.
struct Visit {
    kind: Kind,
    began: Instant,
    first: Duration,
    each: Duration,
    time: Duration,
}

impl Tally {
    fn note(&self, kind: Kind, sent: Duration, took: Duration, ask: &Ask) {
        if took >= SLOW {
            self.slow.lock().push(Slow { kind, sent, took, what: format!("{} {}", ask.method, ask.path) });
        }
    }

    /// Returns the requests of a kind that took longest by themselves.
    pub(super) fn slowest(&self, kind: Kind, count: usize) -> Vec<Slow> {
        let mut slow: Vec<Slow> = self.slow.lock().iter().filter(|slow| slow.kind == kind).cloned().collect();
        slow.sort_by_key(|slow| std::cmp::Reverse(slow.took));
        slow.truncate(count);
        slow
    }
}

impl Load {
    /// Returns a request that is answered well as soon as the services are there.
    pub(super) fn first(&self) -> Ask {
        Ask::get("/api/v1/topics?limit=20").by(&self.token)
    }

    /// Sends requests on their timetable until `time` is over.
    pub(super) async fn drive(self, time: Duration, tally: Arc<Tally>) {
        let began = Instant::now();
        let writes = (self.rate / WRITE_EVERY).max(1);
        let kinds = [(Kind::Read, self.rate - writes, READERS), (Kind::Write, writes, WRITERS)];
        let visits = kinds.into_iter().flat_map(|(kind, rate, connections)| {
            let each = Duration::from_secs(1) * connections / rate.max(1);
            (0..connections).map(move |number| Visit { kind, began, first: each * number / connections, each, time })
        });
        let visitors = visits.enumerate().map(|(number, visit)| {
            let (load, tally) = (self.clone(), Arc::clone(&tally));
            runtime::spawn(VISITOR, async move { load.visit(visit, number, &tally).await })
        });
        future::join_all(visitors).await;
    }

    async fn visit(&self, visit: Visit, number: usize, tally: &Tally) {
        let Visit { kind, began, first, each, time } = visit;
        let (mut due, mut turn) = (first, number);
        let mut connection = None;
        while due < time {
            sleep_until(began + due).await;
            let ask = match kind {
                Kind::Read => self.read(turn),
                Kind::Write => self.topic(),
            };
            let sent = began.elapsed();
            let answer = self.send(&mut connection, &ask).await;
            tally.note(kind, sent, began.elapsed().saturating_sub(sent), &ask);
            let sample = Sample { kind, due, took: began.elapsed().saturating_sub(due), failed: answer.is_err() };
            tally.samples.lock().push(sample);
            match answer {
                Err(error) => tally.failures.lock().push(format!("at {due:?}: {} {}: {error:#}", ask.method, ask.path)),
                Ok(answer) if answer.status == StatusCode::CREATED => {
                    let id = answer.json().and_then(|topic| text(&topic, "id"));
                    tally.acknowledged.lock().extend(id);
                }
                Ok(_) => {}
            }
            due += each;
            turn += 1;
        }
    }

    /// Sends one request; a connection that failed is replaced before the next.
    async fn send(&self, place: &mut Option<Connection>, ask: &Ask) -> Result<Answer> {
        let mut connection = match place.take() {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let answer = connection.send(ask).await?;
        *place = Some(connection);
        anyhow::ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
        Ok(answer)
    }

    fn read(&self, turn: usize) -> Ask {
        let of = |ids: &[String]| ids.get(turn % ids.len().max(1)).cloned().unwrap_or_default();
        let ask = match turn % 19 {
            0..=5 => Ask::get("/api/v1/topics?limit=20"),
            6..=12 => Ask::get(format!("/api/v1/topics/{}", of(&self.topics))),
            _ => Ask::get(format!("/api/v1/projects/{}", of(&self.projects))),
        };
        ask.by(&self.token)
    }

    fn topic(&self) -> Ask {
        let key = new_key();
        let body = json!({
            "cycle": self.cycle, "supervisor": self.supervisor, "title_en": format!("Topic {key}"), "capacity": 1,
        });
        Ask::post("/api/v1/topics", &body).by(&self.token).with("idempotency-key", key)
    }

    /// Returns how many of the writes that were acknowledged are not there.
    pub(super) async fn lost(&self, tally: &Tally) -> Result<usize> {
        let mut connection = Connection::open(self.address).await?;
        let mut lost = 0;
        for id in tally.acknowledged() {
            let ask = Ask::get(format!("/api/v1/topics/{id}")).by(&self.token);
            let answer = connection.send(&ask).await.context("looking for what was written")?;
            lost += usize::from(answer.status != StatusCode::OK);
        }
        Ok(lost)
    }
}

impl Tally {
    pub(super) fn samples(&self) -> Vec<Sample> {
        self.samples.lock().clone()
    }

    pub(super) fn failures(&self) -> Vec<String> {
        self.failures.lock().clone()
    }

    pub(super) fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().clone()
    }
}
