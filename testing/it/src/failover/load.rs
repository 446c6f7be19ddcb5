//! Requests that may be repeated, without a pause: reads, and writes with a key of their own; and what became of them.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::Client;
use tokio::sync::watch;

const READERS: usize = 4;
const WRITERS: usize = 2;

/// Readers and writers at work.
pub(super) struct Load<'a> {
    client: &'a Client,
    /// Reads that were answered, well or not.
    answered: watch::Sender<usize>,
    ended: AtomicBool,
}

/// What became of the requests.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) failed: Vec<String>,
    /// Codes of the programmes whose making was acknowledged.
    pub(super) written: Vec<String>,
}

impl Load<'_> {
    /// Sends requests for as long as `faults` takes.
    pub(super) async fn during<T>(client: &Client, faults: impl AsyncFnOnce(&Load<'_>) -> T) -> (T, Outcome) {
        let load = Load { client, answered: watch::Sender::new(0), ended: AtomicBool::new(false) };
        let readers = join_all((0..READERS).map(|_| load.read()));
        let writers = join_all((0..WRITERS).map(|number| load.write(number)));
        let faults = async {
            let done = faults(&load).await;
            load.ended.store(true, Ordering::Relaxed);
            done
        };
        let (failed, written, done) = tokio::join!(readers, writers, faults);
        let mut outcome = Outcome { failed: failed.concat(), ..Outcome::default() };
        for Outcome { failed, written } in written {
            outcome.failed.extend(failed);
            outcome.written.extend(written);
        }
        (done, outcome)
    }

    /// Waits until this many more reads have been answered.
    pub(super) async fn answers(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let until = *answered.borrow() + more;
        answered.wait_for(|count| *count >= until).await.unwrap();
    }

    async fn read(&self) -> Vec<String> {
        let mut failed = Vec::new();
        while !self.ended.load(Ordering::Relaxed) {
            let request = self.client.request(Method::GET, "/api/v1/topics?limit=5");
            failed.extend(sent(request, 200).await.err());
            self.answered.send_modify(|count| *count += 1);
        }
        failed
    }

    async fn write(&self, writer: usize) -> Outcome {
        let mut outcome = Outcome::default();
        for number in 0.. {
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
            let code = format!("W{writer}N{number}");
            let programme = json!({ "code": code, "title_en": code, "title_local": code });
            let request = self.client.request(Method::POST, "/api/v1/programmes").json(&programme);
            match sent(request.header("idempotency-key", format!("failover-{code}")), 201).await {
                Ok(()) => outcome.written.push(code),
                Err(failure) => outcome.failed.push(format!("{code}: {failure}")),
            }
        }
        outcome
    }
}

/// Sends a request, and returns what was answered instead of the status expected.
async fn sent(request: RequestBuilder, status: u16) -> Result<(), String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let got = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if got == status { Ok(()) } else { Err(format!("{got} {text}")) }
}
