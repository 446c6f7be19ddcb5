//! Many connections at once, and what they saw.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::future;
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use tokio::time::Instant;

use super::{Answer, Ask, Connection};
use crate::histogram::Histogram;

const DRIVER: TaskKind = TaskKind::new("load-driver", OnError::Log);

/// What one connection does, request by request.
pub(crate) trait Visitor: Send + 'static {
    /// Returns the next request; `None` when there is nothing left to do.
    fn next(&mut self) -> Option<Ask>;

    /// Takes the answer in; an error ends the whole run.
    fn heard(&mut self, answer: &Answer) -> Result<Counts>;

    /// Returns whether the run may end here, between two journeys.
    fn rests(&self) -> bool {
        true
    }
}

/// Whether an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It is one of those measured.
    Yes,
    /// It belongs to the way there.
    No,
    /// The server was busy and said so.
    Refused,
}

/// What all connections saw together.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) times: Histogram,
    /// Answers that counted.
    pub(crate) counted: u64,
    /// Answers by which the server said that it was busy.
    pub(crate) refused: u64,
    /// Bytes of the answers that counted.
    pub(crate) bytes: u64,
    pub(crate) wall: Duration,
}

impl Report {
    /// Returns the answers that counted, each second.
    pub(crate) fn per_second(&self) -> f64 {
        self.counted as f64 / self.wall.as_secs_f64()
    }
}

/// Lets each visitor send one request after the other over a connection of its own, until the time is over.
pub(crate) async fn drive(address: SocketAddr, time: Duration, visitors: Vec<Box<dyn Visitor>>) -> Result<Report> {
    let mut connections = Vec::with_capacity(visitors.len());
    for visitor in visitors {
        connections.push((Connection::open(address).await?, visitor));
    }
    let total = Arc::new(Mutex::new((Report::default(), None)));
    let began = Instant::now();
    let drivers = connections.into_iter().map(|(connection, visitor)| {
        let total = Arc::clone(&total);
        runtime::spawn(DRIVER, async move {
            let outcome = visit(connection, visitor, began + time).await;
            let mut total = total.lock();
            match outcome {
                Ok(report) => total.0.add(&report),
                Err(error) => total.1 = Some(error),
            }
        })
    });
    future::join_all(drivers).await;
    let (mut report, failure) = std::mem::take(&mut *total.lock());
    report.wall = began.elapsed();
    match failure {
        Some(error) => Err(error).context("a connection failed"),
        None if report.counted == 0 => bail!("no answer counted"),
        None => Ok(report),
    }
}

async fn visit(mut connection: Connection, mut visitor: Box<dyn Visitor>, until: Instant) -> Result<Report> {
    let mut report = Report::default();
    let mut began = Instant::now();
    while began < until || !visitor.rests() {
        let Some(ask) = visitor.next() else { break };
        let answer = connection.send(&ask).await.with_context(|| format!("{} {}", ask.method, ask.path))?;
        let now = Instant::now();
        match visitor.heard(&answer).with_context(|| format!("{} {}", ask.method, ask.path))? {
            Counts::Yes => {
                report.times.add(now - began);
                report.counted += 1;
                report.bytes += answer.body.len() as u64;
            }
            Counts::No => {}
            Counts::Refused => report.refused += 1,
        }
        began = now;
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, other: &Self) {
        self.times.merge(&other.times);
        self.counted += other.counted;
        self.refused += other.refused;
        self.bytes += other.bytes;
    }
}

/// A visitor who asks the same again and again.
pub(crate) struct Same(pub(crate) Ask);

impl Visitor for Same {
    fn next(&mut self) -> Option<Ask> {
        Some(self.0.clone())
    }

    fn heard(&mut self, answer: &Answer) -> Result<Counts> {
        if !answer.status.is_success() {
            bail!("{}: {}", answer.status, answer.text());
        }
        Ok(Counts::Yes)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http_body_util::Full;
    use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
    use hyper_util::rt::TokioIo;
    use tokio::net::TcpListener;

    use super::*;

    async fn serve(status: u16) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        runtime::spawn(DRIVER, async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = move |_: hyper::Request<Incoming>| async move {
                    let body = Full::new(Bytes::from_static(b"hello"));
                    Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
                };
                runtime::spawn(DRIVER, async move {
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await
                });
            }
        });
        address
    }

    fn visitors(count: usize) -> Vec<Box<dyn Visitor>> {
        (0..count).map(|_| Box::new(Same(Ask::get("/"))) as Box<dyn Visitor>).collect()
    }

    #[tokio::test]
    async fn every_connection_is_counted() {
        let address = serve(200).await;
        let report = drive(address, Duration::from_millis(50), visitors(4)).await.unwrap();
        assert!(report.counted >= 4, "{report:?}");
        assert_eq!(report.bytes, report.counted * 5);
        assert_eq!(report.times.count(), report.counted);
    }

    #[tokio::test]
    async fn an_unexpected_answer_ends_the_run() {
        let address = serve(503).await;
        let error = drive(address, Duration::from_secs(5), visitors(2)).await.unwrap_err();
        assert!(format!("{error:#}").contains("503"), "{error:#}");
    }
}
