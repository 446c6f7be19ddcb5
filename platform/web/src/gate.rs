//! The gate of a route: who may pass at all, from which site, and with how large a body.

use std::sync::Arc;

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

use crate::{Failure, Intake, Refusal, Result, entrance::Visit};

/// What a route asks of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    pub(crate) action: Action,
    pub(crate) vocabulary: &'static Vocabulary,
    pub(crate) intake: Intake,
}

/// The body, read whole by the gate. Extractors read it from here, so that their order does not matter.
#[derive(Debug, Clone)]
pub(crate) struct Taken(pub(crate) Bytes);

/// Lets a request pass, or refuses it.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match gate.admit(request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

impl Gate {
    async fn admit(&self, mut request: Request) -> Result<Request> {
        let visit = Visit::of(request.extensions())?;
        self.authorize(&visit)?;
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
            authority.is_some_and(|authority| Some(authority) == text("host"))
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
