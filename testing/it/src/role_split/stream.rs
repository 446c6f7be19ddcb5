//! Requests without a pause, from readers and writers at once, and what became of them.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use testkit::Client;
use tokio::sync::watch;

const READERS: usize = 4;
const WRITERS: usize = 2;

/// Readers and writers at work.
pub(super) struct Stream<'a> {
    client: &'a Client,
    /// Reads that were answered, well or not.
    answered: watch::Sender<usize>,
    ended: AtomicBool,
}

/// What became of the requests.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) failed_reads: Vec<String>,
    pub(super) failed_writes: Vec<String>,
    /// Codes of the programmes whose making was acknowledged.
    pub(super) written: Vec<String>,
}

impl Stream<'_> {
    /// Sends requests for as long as `change` takes; the codes of what is written begin with `prefix`.
    pub(super) async fn during(client: &Client, prefix: &str, change: impl AsyncFnOnce(&Stream<'_>)) -> Outcome {
        let stream = Stream { client, answered: watch::Sender::new(0), ended: AtomicBool::new(false) };
        let readers = join_all((0..READERS).map(|_| stream.read()));
        let writers = join_all((0..WRITERS).map(|number| stream.write(format!("{prefix}{number}"))));
        let change = async {
            change(&stream).await;
            stream.ended.store(true, Ordering::Relaxed);
        };
        let (read, made, ()) = tokio::join!(readers, writers, change);
        let (written, failed): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        Outcome { failed_reads: read.concat(), failed_writes: failed.concat(), written: written.concat() }
    }

    /// Waits until this many more reads have been answered.
    pub(super) async fn answers(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let until = *answered.borrow() + more;
        answered.wait_for(|count| *count >= until).await.unwrap();
    }

    /// Reads until the end, and returns what failed.
    async fn read(&self) -> Vec<String> {
        let mut failed = Vec::new();
        while !self.ended.load(Ordering::Relaxed) {
            match self.client.request(Method::GET, "/api/v1/topics?limit=5").send().await {
                Ok(answer) if answer.status() == 200 => {}
                Ok(answer) => failed.push(format!("{} {}", answer.status(), answer.text().await.unwrap_or_default())),
                Err(error) => failed.push(format!("{error:?}")),
            }
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
            match self.client.try_post("/api/v1/programmes", &programme).await {
                Some(201) => written.push(code),
                other => failed.push(format!("{code}: {other:?}")),
            }
        }
        (written, failed)
    }
}
