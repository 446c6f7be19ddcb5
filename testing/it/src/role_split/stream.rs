//! Requests without a pause, from readers and writers at once, and what became of them.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::Client;
use tokio::sync::watch;

const READERS: usize = 4;
const WRITERS: usize = 2;

/// Readers and writers at work.
pub(crate) struct Stream<'a> {
    client: &'a Client,
    writes: Writes,
    /// Reads that were answered, well or not.
    answered: watch::Sender<usize>,
    ended: AtomicBool,
}

/// Whether what is written may be repeated on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// It has no key, and fails where it may have been done.
    Once,
    /// It has an Idempotency-Key of its own.
    Keyed,
}

/// What became of the requests.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) failed_reads: Vec<String>,
    pub(crate) failed_writes: Vec<String>,
    /// Codes of the programmes whose making was acknowledged.
    pub(crate) written: Vec<String>,
}

impl Stream<'_> {
    /// Sends requests for as long as `change` takes; the codes of what is written begin with `prefix`.
    pub(crate) async fn during<T>(
        client: &Client,
        (prefix, writes): (&str, Writes),
        change: impl AsyncFnOnce(&Stream<'_>) -> T,
    ) -> (T, Outcome) {
        let stream = Stream { client, writes, answered: watch::Sender::new(0), ended: AtomicBool::new(false) };
        let reading = join_all((0..READERS).map(|_| stream.read()));
        let writing = join_all((0..WRITERS).map(|number| stream.write(format!("{prefix}{number}"))));
        let change = async {
            let done = change(&stream).await;
            stream.ended.store(true, Ordering::Relaxed);
            done
        };
        let (read, made, done) = tokio::join!(reading, writing, change);
        let (written, failed): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let outcome =
            Outcome { failed_reads: read.concat(), failed_writes: failed.concat(), written: written.concat() };
        (done, outcome)
    }

    /// Waits until this many more reads have been answered.
    pub(crate) async fn answers(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let until = *answered.borrow() + more;
        answered.wait_for(|count| *count >= until).await.unwrap();
    }

    /// Reads until the end, and returns what failed.
    async fn read(&self) -> Vec<String> {
        let mut failed = Vec::new();
        while !self.ended.load(Ordering::Relaxed) {
            let request = self.client.request(Method::GET, "/api/v1/topics?limit=5");
            failed.extend(sent(request, 200).await.err());
            self.answered.send_modify(|count| *count += 1);
        }
        failed
    }

    /// Makes programmes until the end, and returns the codes that were acknowledged, and what failed.
    async fn write(&self, prefix: String) -> (Vec<String>, Vec<String>) {
        let (mut written, mut failed) = (Vec::new(), Vec::new());
        for number in 0.. {
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
            let code = format!("{prefix}N{number}");
            let programme = json!({ "code": code, "title_en": code, "title_local": code });
            let request = self.client.request(Method::POST, "/api/v1/programmes").json(&programme);
            let request = match self.writes {
                Writes::Once => request,
                Writes::Keyed => request.header("idempotency-key", format!("stream-{code}")),
            };
            match sent(request, 201).await {
                Ok(()) => written.push(code),
                Err(failure) => failed.push(format!("{code}: {failure}")),
            }
        }
        (written, failed)
    }
}

/// Sends a request, and returns what was answered instead of the status expected.
async fn sent(request: RequestBuilder, status: u16) -> Result<(), String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let got = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if got == status { Ok(()) } else { Err(format!("{got} {text}")) }
}
