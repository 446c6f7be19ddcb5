//! An even load: mostly reading, and a write with an Idempotency-Key among every twenty.

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

/// Requests a second, all connections together.
const RATE: u32 = 2_000;
const CONNECTIONS: u32 = 100;
/// From here on a request is told among the slow ones.
const SLOW: Duration = Duration::from_millis(250);
const VISITOR: TaskKind = TaskKind::new("failover-visitor", OnError::Log);

/// What is asked for.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) address: SocketAddr,
    pub(super) token: String,
    pub(super) cycle: String,
    pub(super) supervisor: String,
    pub(super) topics: Vec<String>,
    pub(super) projects: Vec<String>,
}

/// A request and how it went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
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
    /// Requests that took long by themselves: when each was sent, how long it took, and what it was.
    slow: Mutex<Vec<(Duration, Duration, String)>>,
}

impl Tally {
    fn note(&self, sent: Duration, took: Duration, ask: &Ask) {
        if took >= SLOW {
            self.slow.lock().push((sent, took, format!("{} {}", ask.method, ask.path)));
        }
    }

    /// Returns the requests that took longest by themselves.
    pub(super) fn slowest(&self, count: usize) -> Vec<(Duration, Duration, String)> {
        let mut slow = self.slow.lock().clone();
        slow.sort_by_key(|(_, took, _)| std::cmp::Reverse(*took));
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
        let each = Duration::from_secs(1) * CONNECTIONS / RATE;
        let visitors = (0..CONNECTIONS).map(|number| {
            let (load, tally) = (self.clone(), Arc::clone(&tally));
            let first = each * number / CONNECTIONS;
            runtime::spawn(VISITOR, async move { load.visit(began, (first, each, time), number, &tally).await })
        });
        future::join_all(visitors).await;
    }

    async fn visit(
        &self,
        began: Instant,
        (first, each, time): (Duration, Duration, Duration),
        number: u32,
        tally: &Tally,
    ) {
        let (mut due, mut turn) = (first, number as usize);
        let mut connection = None;
        while due < time {
            sleep_until(began + due).await;
            let ask = self.ask(turn);
            let sent = began.elapsed();
            let answer = self.send(&mut connection, &ask).await;
            tally.note(sent, began.elapsed().saturating_sub(sent), &ask);
            let sample = Sample { due, took: began.elapsed().saturating_sub(due), failed: answer.is_err() };
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

    fn ask(&self, turn: usize) -> Ask {
        let of = |ids: &[String]| ids.get(turn % ids.len().max(1)).cloned().unwrap_or_default();
        let ask = match turn % 20 {
            0 => return self.topic(),
            1..=6 => Ask::get("/api/v1/topics?limit=20"),
            7..=13 => Ask::get(format!("/api/v1/topics/{}", of(&self.topics))),
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
