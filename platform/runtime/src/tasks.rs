//! Named tasks, and the orderly end of a node.
//!
//! Owns every task of the process. Never lets one vanish in silence: a failure is logged, or stops the node.
//! Start reading at [`Shutdown`].

use std::{
    collections::BTreeMap,
    error::Error,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFuture},
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tracing::{error, info, warn};

/// What a task is called and what its failure and the node's end mean for it. Make it a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskKind {
    /// The name in logs, for example `outbox-relay`.
    pub name: &'static str,
    /// What happens when it fails.
    pub on_error: OnError,
    /// What happens to it when the node stops.
    pub on_cancel: OnCancel,
}

/// What a task's failure (an `Err` or a panic) means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It is logged; the node goes on.
    Log,
    /// It is logged and the node stops: it is of no use without this task.
    Stop,
}

/// What the end of the node means for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCancel {
    /// The task watches for it by itself and is waited for.
    Finish,
    /// The task is dropped where it stands.
    Abort,
}

impl TaskKind {
    /// Returns the kind of a task that ends by itself when the node stops.
    pub const fn new(name: &'static str, on_error: OnError) -> Self {
        Self { name, on_error, on_cancel: OnCancel::Finish }
    }

    /// Returns the same kind, dropped where it stands when the node stops.
    #[must_use]
    pub const fn aborted(self) -> Self {
        Self { on_cancel: OnCancel::Abort, ..self }
    }
}

/// What a task may return: nothing, or a result whose error is logged.
pub trait Outcome: Send + 'static {
    /// Returns the failure in words, if it is one.
    fn failure(self) -> Option<String>;
}

impl Outcome for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + Send + 'static> Outcome for Result<(), E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| chain(&*error.into()))
    }
}

/// The end of a node: begun once, seen by every task, awaited until the tasks are gone. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    token: CancellationToken,
    tracker: TaskTracker,
    running: Mutex<BTreeMap<&'static str, usize>>,
}

/// Holds up the end of the node while it lives, like a task; for threads.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "held for its drop")] TaskTrackerToken);

/// The time allowed for the end ran out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("these tasks did not end in time: {}", .0.join(", "))]
pub struct Overdue(pub Vec<&'static str>);

impl Shutdown {
    /// Returns the end of a new node, not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the end. Further calls change nothing.
    pub fn begin(&self) {
        self.0.token.cancel();
    }

    /// Returns whether the end has begun.
    pub fn is_cancelled(&self) -> bool {
        self.0.token.is_cancelled()
    }

    /// Waits until the end begins.
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.0.token.cancelled()
    }

    /// Runs a task of this node.
    pub fn spawn<F>(&self, kind: TaskKind, future: F) -> JoinHandle<()>
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        let shutdown = self.clone();
        let present = Present::enter(self, kind.name);
        let task = async move {
            let _present = present;
            let outcome = tokio::select! {
                outcome = guarded(future) => Some(outcome),
                () = shutdown.cancelled(), if kind.on_cancel == OnCancel::Abort => None,
            };
            if let Some(Some(reason)) = outcome {
                shutdown.failed(kind, &reason);
            }
        };
        start(self.0.tracker.track_future(task))
    }

    /// Returns something that holds up the end while it lives.
    pub fn hold(&self) -> Hold {
        Hold(self.0.tracker.token())
    }

    /// Begins the end and waits for every task, but no longer than `limit`.
    pub async fn drain(&self, limit: Duration) -> Result<(), Overdue> {
        self.begin();
        self.0.tracker.close();
        if tokio::time::timeout(limit, self.0.tracker.wait()).await.is_ok() {
            return Ok(());
        }
        let left: Vec<_> = self.0.running.lock().keys().copied().collect();
        warn!(tasks.left = ?left, "node did not drain in time");
        Err(Overdue(left))
    }

    /// Begins the end when the process is told to terminate or interrupted.
    pub fn on_signals(&self) {
        const SIGNALS: TaskKind = TaskKind::new("signals", OnError::Log).aborted();
        let shutdown = self.clone();
        self.spawn(SIGNALS, async move {
            signalled().await;
            info!("node is stopping on a signal");
            shutdown.begin();
        });
    }

    fn failed(&self, kind: TaskKind, reason: &str) {
        error!(task.name = kind.name, task.error = reason, "task failed");
        if kind.on_error == OnError::Stop {
            error!(task.name = kind.name, "node is stopping because a task it needs failed");
            self.begin();
        }
    }
}

/// Runs a task that belongs to no node: nobody waits for it, and its failure is only logged, whatever its kind says.
pub fn spawn<F>(kind: TaskKind, future: F) -> JoinHandle<()>
where
    F: Future + Send + 'static,
    F::Output: Outcome,
{
    start(async move {
        if let Some(reason) = guarded(future).await {
            error!(task.name = kind.name, task.error = %reason, "task failed");
        }
    })
}

/// Returns an error and its sources in one line.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Runs a future to its end and returns its failure in words; a panic is a failure like any other.
async fn guarded<F>(future: F) -> Option<String>
where
    F: Future,
    F::Output: Outcome,
{
    let mut future = Box::pin(future);
    let outcome = poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await;
    match outcome {
        Ok(outcome) => outcome.failure(),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Some(text.map_or_else(|| "panic".to_owned(), |text| format!("panic: {text}")))
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
fn start(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(task)
}

/// A task's entry in the list of those running, for as long as it lives.
struct Present {
    shutdown: Shutdown,
    name: &'static str,
}

impl Present {
    fn enter(shutdown: &Shutdown, name: &'static str) -> Self {
        *shutdown.0.running.lock().entry(name).or_insert(0) += 1;
        Self { shutdown: shutdown.clone(), name }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut running = self.shutdown.0.running.lock();
        if let Some(count) = running.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                running.remove(self.name);
            }
        }
    }
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        warn!("signals cannot be watched");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: TaskKind = TaskKind::new("plain", OnError::Log);
    const VITAL: TaskKind = TaskKind::new("vital", OnError::Stop);

    #[tokio::test(start_paused = true)]
    async fn a_drain_waits_for_tasks_that_finish_by_themselves() {
        let shutdown = Shutdown::new();
        let seen = shutdown.clone();
        let task = shutdown.spawn(PLAIN, async move {
            seen.cancelled().await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        });
        assert_eq!(shutdown.drain(Duration::from_secs(6)).await, Ok(()));
        assert!(task.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_is_bounded_and_names_who_is_late() {
        let shutdown = Shutdown::new();
        shutdown.spawn(PLAIN, std::future::pending::<()>());
        assert_eq!(shutdown.drain(Duration::from_secs(1)).await, Err(Overdue(vec!["plain"])));
    }

    #[tokio::test(start_paused = true)]
    async fn an_aborted_task_does_not_hold_up_the_end() {
        let shutdown = Shutdown::new();
        shutdown.spawn(PLAIN.aborted(), std::future::pending::<()>());
        assert_eq!(shutdown.drain(Duration::from_secs(1)).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_vital_task_that_fails_or_panics_stops_the_node() {
        let shutdown = Shutdown::new();
        shutdown.spawn(PLAIN, async { Err::<(), _>(std::io::Error::other("lost")) }).await.unwrap();
        assert!(!shutdown.is_cancelled());
        shutdown.spawn(VITAL, async { assert_eq!(1 + 1, 3, "broken") }).await.unwrap();
        assert!(shutdown.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_holds_up_the_end() {
        let shutdown = Shutdown::new();
        let hold = shutdown.hold();
        assert!(shutdown.drain(Duration::from_secs(1)).await.is_err());
        drop(hold);
        assert_eq!(shutdown.drain(Duration::from_secs(1)).await, Ok(()));
    }
}
