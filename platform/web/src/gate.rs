//! The gate of a route: who may pass at all, from which site, and with how large a body.

use std::{sync::Arc, time::Duration};

use access::{Action, Vocabulary};
use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::caller::Who;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use runtime::metrics::{Counter, Histogram};
use tokio::time::Instant;

use crate::{
    Failure, Intake, Refusal, Result,
    entrance::Visit,
    metrics::{ACTION_FAILURES, ACTION_SECONDS},
    parameters::Parameters,
};

/// Header in which the gateway says how many milliseconds it will still wait.
const DEADLINE_HEADER: &str = "fpms-deadline-ms";

/// What a route asks of a request.
#[derive(Clone)]
pub(crate) struct Gate {
    action: Action,
    vocabulary: &'static Vocabulary,
    intake: Intake,
    /// What the query string may name; anything on a page, to which links from elsewhere add names of their own.
    parameters: Option<Parameters>,
    seconds: Histogram,
    failures: Counter,
}

/// The body, read whole by the gate. Extractors read it from here, so that their order does not matter.
#[derive(Debug, Clone)]
pub(crate) struct Taken(pub(crate) Bytes);

/// Lets a request pass, or refuses it.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let started_at = Instant::now();
    let response = match gate.admit(request).await {
        Ok(request) => gate.answer(request, next).await,
        Err(failure) => failure.into_response(),
    };
    gate.seconds.observe_duration(started_at.elapsed());
    if response.status().is_server_error() {
        gate.failures.increment();
    }
    response
}

impl Gate {
    pub(crate) fn new(action: Action, vocabulary: &'static Vocabulary, intake: Intake) -> Self {
        let (seconds, failures) = (ACTION_SECONDS.with(&[action.name]), ACTION_FAILURES.with(&[action.name]));
        Self { action, vocabulary, intake, parameters: None, seconds, failures }
    }

    /// Returns the same gate, which lets no other names pass in the query string.
    pub(crate) fn knowing(mut self, parameters: Parameters) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// Runs the handler within the time that whoever asked will wait. A streamed body takes as long as it takes.
    async fn answer(&self, request: Request, next: Next) -> Response {
        let left = deadline(request.headers()).filter(|_| self.intake != Intake::Stream);
        let Some(left) = left else { return next.run(request).await };
        // A timeout of nothing would still run the handler to its first wait.
        if left.is_zero() {
            return Failure::from(Refusal::OutOfTime).into_response();
        }
        match tokio::time::timeout(left, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::from(Refusal::OutOfTime).into_response(),
        }
    }

    async fn admit(&self, mut request: Request) -> Result<Request> {
        let visit = Visit::of(request.extensions())?;
        self.authorize(&visit)?;
        if let Some(parameters) = &self.parameters {
            parameters.check(request.method(), request.uri().query())?;
        }
        if request.method().is_safe() {
            return Ok(request);
        }
        refuse_other_sites(request.headers(), &visit)?;
        match self.intake {
            Intake::Stream => {
                // The handler bounds what it streams; axum's own bound of 2 MB would come first.
                DefaultBodyLimit::disable().apply(&mut request);
                Ok(request)
            }
            Intake::UpTo(bytes_max) => take_body(request, bytes_max).await,
        }
    }

    fn authorize(&self, visit: &Arc<Visit>) -> Result<()> {
        if !visit.trusted {
            return Err(Refusal::NoCaller.into());
        }
        let subjects = self.vocabulary.imaginable(&visit.caller, visit.now);
        access::require(&self.action, subjects, &visit.caller).map_err(Failure::from)
    }
}

/// Returns how long whoever asked still waits. The time that a client took to send its body is not taken off: the
/// gateway counts anew with each piece of it.
fn deadline(headers: &HeaderMap) -> Option<Duration> {
    headers.get(DEADLINE_HEADER)?.to_str().ok()?.parse().ok().map(Duration::from_millis)
}

/// Refuses what another site's page makes a browser send. API tokens are exempt: no browser adds them by itself.
fn refuse_other_sites(headers: &HeaderMap, visit: &Visit) -> Result<()> {
    let session = match visit.caller.who() {
        Who::Person(person) if person.scopes.is_some() => return Ok(()),
        Who::Person(_) => true,
        Who::Nobody | Who::System(_) => false,
    };
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let same = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            // The gateway may have rewritten the host; it says what the browser asked for.
            let host = text("x-forwarded-host").or_else(|| text("host"));
            authority.is_some_and(|authority| Some(authority) == host)
        }
        // Not a browser: no harm without a session, and no excuse with one.
        (None, None) => !session,
    };
    if same { Ok(()) } else { Err(Refusal::CrossSite.into()) }
}

async fn take_body(request: Request, bytes_max: usize) -> Result<Request> {
    let too_large = || Failure::from(Refusal::TooLarge { bytes_max });
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > bytes_max) {
        return Err(too_large());
    }
    let (mut parts, body) = request.into_parts();
    let collected = Limited::new(body, bytes_max).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            too_large()
        } else {
            Refusal::UnreadableBody("it broke off".to_owned()).into()
        }
    })?;
    let bytes = collected.to_bytes();
    parts.extensions.insert(Taken(bytes.clone()));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
