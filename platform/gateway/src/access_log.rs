//! What is remembered of a request when it is over: its numbers, and maybe a line in the access log.
//!
//! Never holds an address, a name, a query or a header of the client.

use std::sync::Arc;

use http::{Method, StatusCode, Uri};
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use crate::{
    activity::UnderWay,
    metrics,
    refusal::Refusal,
    routes::Target,
    worker::{Link, Worker},
};

/// The status recorded for a client that went away before the answer began; nginx' convention.
const CLIENT_GONE: u16 = 499;

/// One request's record. It is written when dropped, after the last byte of the answer.
pub(crate) struct Record {
    /// The request's id.
    pub(crate) id: Uuid,
    /// Where it went.
    pub(crate) target: Option<Arc<Target>>,
    /// How often it was tried again.
    pub(crate) retries: u32,
    /// When its head had arrived.
    pub(crate) started: Instant,
    method: Method,
    uri: Uri,
    status: u16,
    refused: Option<Refusal>,
    bytes_out: u64,
    broken: bool,
    sampled: bool,
    worker: Arc<Worker>,
    _under_way: UnderWay,
}

impl Record {
    /// Begins the record of a request.
    pub(crate) fn begin(link: &Link, id: Uuid, method: &Method, uri: &Uri) -> Self {
        let worker = Arc::clone(&link.worker);
        worker.request_begins();
        Self {
            id,
            target: None,
            retries: 0,
            method: method.clone(),
            uri: uri.clone(),
            started: Instant::now(),
            status: CLIENT_GONE,
            refused: None,
            bytes_out: 0,
            broken: false,
            sampled: worker.samples_log(),
            worker,
            _under_way: UnderWay(Arc::clone(&link.activity)),
        }
    }

    /// Says how the request was answered.
    pub(crate) fn answered(&mut self, status: StatusCode, refused: Option<Refusal>) {
        self.status = status.as_u16();
        self.refused = refused;
    }

    /// Says that bytes of the answer were sent.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.bytes_out += bytes as u64;
    }

    /// Says that the answer broke off.
    pub(crate) fn broke_off(&mut self) {
        self.broken = true;
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.worker.request_ends();
        let duration = self.started.elapsed();
        let handles = self.target.as_ref().map_or(&self.worker.shared.own_metrics, |target| &target.metrics);
        let class = usize::from(self.status / 100).saturating_sub(1);
        if let Some(counter) = handles.by_class.get(class) {
            counter.increment();
        }
        handles.duration.observe_duration(duration);
        if self.broken {
            handles.broken.increment();
        }
        if let Some(refusal) = self.refused {
            metrics::REFUSED.with(&[base::Fault::code(&refusal).id]).increment();
        }
        if self.sampled || self.status >= 500 || self.broken {
            self.write(duration.as_micros());
        }
    }
}

impl Record {
    fn write(&self, duration_us: u128) {
        info!(
            request.id = %self.id.as_hyphenated(),
            http.method = %self.method,
            http.path = self.uri.path(),
            http.status = self.status,
            service.name = self.target.as_ref().map(|target| &*target.service.name),
            refusal.code = self.refused.map(|refusal| base::Fault::code(&refusal).id),
            request.retries = self.retries,
            answer.bytes = self.bytes_out,
            answer.broken = self.broken,
            duration_us,
            "request answered"
        );
    }
}
