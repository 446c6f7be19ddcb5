//! Answers from memory what is the same for everybody, and keeps what services let it keep (RFC 9111, RFC 9211).
//!
//! A request that finds nothing is sent on by one, while those who ask the same wait for it. What is stale is asked for
//! anew behind the back of whoever gets it, or serves when the service fails, where the service allows that.

use std::{future::poll_fn, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body::Body;
use mesh::headers;
use runtime::{OnError, TaskKind};
use tokio::time::{Instant, timeout};

use super::{Exchange, authenticate, normalise, proxy, respond, rewrite};
use crate::{
    activity::TICK,
    body::{Content, Download},
    metrics,
    refusal::Refusal,
    response_cache::{
        Address, Asking, Fate, Kept, Sought, Turn, Worth,
        rules::{self, Arrival},
    },
    routes::file::Protocol,
};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// Longest that an answer is asked for behind somebody's back.
const REFRESH_MAX: Duration = Duration::from_mins(1);

/// A request whose answer may be kept.
pub(super) struct Seeking {
    address: Address,
    /// The request's headers as they came: what answers depend on, and what the client holds.
    asked: HeaderMap,
    /// Why it was sent on (RFC 9211, 2.2).
    reason: &'static str,
    stale: Option<Arc<Kept>>,
    /// While this lives, others wait.
    asking: Option<Asking>,
}

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let Some(mut seeking) = Seeking::of(exchange)? else { return Ok(()) };
    let link = Arc::clone(&exchange.link);
    let cache = &link.worker.shared.cache;
    let insists = rules::directive(&exchange.head.headers, "no-cache").is_some();
    let mut waited = false;
    loop {
        let now = Instant::now();
        match cache.find(&seeking.address, &seeking.asked) {
            Some(kept) if !insists && kept.worth(now) == Worth::Fresh => {
                give(exchange, &seeking.asked, &kept, if waited { "; fwd=uri-miss; collapsed" } else { "" });
                return Ok(());
            }
            Some(kept) if !insists && kept.worth(now) == Worth::WhileAsked => {
                if let Turn::Ask(asking) = cache.turn(&seeking.address) {
                    refresh(
                        exchange,
                        Seeking { stale: Some(Arc::clone(&kept)), asking: Some(asking), ..seeking.again() },
                    );
                }
                give(exchange, &seeking.asked, &kept, "");
                return Ok(());
            }
            found => {
                seeking.reason = if insists && found.is_some() { "request" } else { seeking.reason };
                seeking.stale = found;
            }
        }
        if waited || exchange.head.method != Method::GET || !seeking.is_worth_waiting() {
            break;
        }
        match cache.turn(&seeking.address) {
            Turn::Ask(asking) => {
                seeking.asking = Some(asking);
                break;
            }
            Turn::Wait(mut done) => {
                // That nobody asks any longer is all there is to hear; it is not waited for longer than for an answer.
                let _ = timeout(TICK * link.worker.shared.ticks.response, done.changed()).await;
                waited = true;
            }
        }
    }
    metrics::RESPONSE_CACHE.with(&["missed"]).increment();
    seeking.ask_whether_it_holds(&mut exchange.head.headers);
    exchange.seeking = Some(Box::new(seeking));
    Ok(())
}

/// Keeps the answer of a service if that is allowed, or gives what was kept before when the service failed.
pub(super) async fn keep(exchange: &mut Exchange, outcome: Result<(), Refusal>) -> Result<(), Refusal> {
    let Some(seeking) = exchange.seeking.take() else { return outcome };
    let now = Instant::now();
    let failed = match (outcome, &exchange.response) {
        (Err(refusal), _) => refusal.status().is_server_error(),
        (Ok(()), Some(response)) => matches!(response.status().as_u16(), 500 | 502..=504),
        (Ok(()), None) => false,
    };
    if let Some(stale) = seeking.stale.as_ref().filter(|stale| failed && stale.serves_on_error(now)) {
        give(exchange, &seeking.asked, stale, "; detail=stale-if-error");
        return Ok(());
    }
    outcome?;
    let Some(mut response) = exchange.response.take() else { return Ok(()) };
    date(exchange, response.headers_mut());
    match &seeking.stale {
        Some(stale) if response.status() == StatusCode::NOT_MODIFIED => {
            let renewed = renew(exchange, &seeking, stale, response.headers());
            give(exchange, &seeking.asked, &renewed, "; fwd=stale; fwd-status=304");
        }
        _ => exchange.response = Some(store(exchange, &seeking, response).await?),
    }
    Ok(())
}

/// Dates an answer that does not say when it was made by when it came (RFC 9110, 6.6.1), so that it is not as of now
/// whenever it is given.
fn date(exchange: &Exchange, headers: &mut HeaderMap) {
    if let Ok(date) = HeaderValue::from_bytes(&exchange.link.worker.date()) {
        headers.entry(header::DATE).or_insert(date);
    }
}

/// Returns what is kept with what was said of it, and keeps it for longer where that says so.
fn renew(exchange: &Exchange, seeking: &Seeking, stale: &Kept, said: &HeaderMap) -> Arc<Kept> {
    let (cache, credential) = (&exchange.link.worker.shared.cache, has_credential(&seeking.asked));
    let arrival = arrival(exchange);
    let (renewed, fate) = stale.renewed(&for_everybody(said), &arrival, credential);
    match fate {
        Fate::Renewed => return cache.keep(&seeking.address, &seeking.asked, renewed),
        Fate::AsItWas => {}
        Fate::Over => {
            stale.leave();
            cache.pass(&seeking.address, credential, arrival.at);
        }
    }
    Arc::new(renewed)
}

/// Returns how the answer to a request came that has just come.
fn arrival(exchange: &Exchange) -> Arrival {
    let (at, time) = (Instant::now(), exchange.link.worker.shared.ambient.now());
    Arrival { at, time, delay: at.saturating_duration_since(exchange.record.started) }
}

/// Keeps an answer, where that is allowed and it says how long it is, and returns it.
async fn store(
    exchange: &Exchange,
    seeking: &Seeking,
    response: Response<Content>,
) -> Result<Response<Content>, Refusal> {
    let cache = &exchange.link.worker.shared.cache;
    let lifetimes = rules::lifetimes(has_credential(&seeking.asked), response.status(), response.headers());
    let lifetimes = lifetimes.filter(|_| exchange.head.method == Method::GET);
    let (head, content) = response.into_parts();
    let (lifetimes, download) = match (lifetimes, content) {
        (Some(lifetimes), Content::Service(download))
            if download.length().is_some_and(|length| length <= cache.answer_bytes_max()) =>
        {
            (lifetimes, download)
        }
        (_, content) => {
            if exchange.head.method == Method::GET {
                cache.pass(&seeking.address, has_credential(&seeking.asked), Instant::now());
            }
            let status = format!("fpms; fwd={}", seeking.reason);
            return Ok(said_of(Response::from_parts(head, content), &status));
        }
    };
    let arrival = arrival(exchange);
    let body = gather(*download).await?;
    let answer = (head.status, for_everybody(&head.headers), body);
    let kept = Kept::new(answer, lifetimes, &seeking.address, &arrival);
    let kept = cache.keep(&seeking.address, &seeking.asked, kept);
    metrics::RESPONSE_CACHE.with(&["kept"]).increment();
    let response = Response::from_parts(head, whole(&kept));
    Ok(said_of(response, &format!("fpms; fwd={}; stored", seeking.reason)))
}

impl Seeking {
    /// Returns what a request seeks; `None` for one whose answer is never kept.
    fn of(exchange: &Exchange) -> Result<Option<Self>, Refusal> {
        let (head, cache) = (&exchange.head, &exchange.link.worker.shared.cache);
        let Some(entry) = exchange.entry.as_ref().filter(|entry| entry.way.route.cache.unwrap_or(true)) else {
            return Ok(None);
        };
        // What comes by HTTP/2 passes as it comes, with its trailers.
        let allowed = cache.is_on() && !exchange.upgrade && exchange.target()?.protocol == Protocol::Http1;
        if !allowed || !matches!(head.method, Method::GET | Method::HEAD) {
            return Ok(None);
        }
        // A body is no part of the address: with one, somebody could choose what others get.
        let plain = exchange.body.as_ref().is_none_or(Body::is_end_stream);
        let no_store = || rules::directive(&head.headers, "no-store").is_some();
        if !plain || head.headers.contains_key(header::RANGE) || no_store() {
            return Ok(None);
        }
        let host = authenticate::host(&head.headers)?;
        let sought = Sought {
            tenant: exchange.tenant.unwrap_or_default(),
            route: &entry.way.route.name,
            host: &host,
            whole: head.uri.path_and_query().map_or("/", |whole| whole.as_str()),
            path: head.uri.path(),
        };
        let number = cache.number(sought);
        if cache.passes(number, has_credential(&head.headers), exchange.record.started) {
            return Ok(None);
        }
        let address = Address::of(sought, number);
        Ok(Some(Self { address, asked: head.headers.clone(), reason: "uri-miss", stale: None, asking: None }))
    }

    /// Returns whether those who ask the same should wait: not where each will get an answer of their own.
    fn is_worth_waiting(&self) -> bool {
        self.stale.is_some() || !has_credential(&self.asked)
    }

    /// Asks the service whether what is kept still holds, instead of what the client asked about its own copy.
    fn ask_whether_it_holds(&mut self, request: &mut HeaderMap) {
        let Some(stale) = &self.stale else { return };
        self.reason = if self.reason == "request" { "request" } else { "stale" };
        let pairs = [(header::ETAG, header::IF_NONE_MATCH), (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE)];
        for (said, asked) in pairs {
            request.remove(&asked);
            if let Some(value) = stale.headers.get(said) {
                request.insert(asked, value.clone());
            }
        }
    }

    /// Returns the same for another request.
    fn again(&self) -> Self {
        let (address, asked) = (self.address.clone(), self.asked.clone());
        Self { address, asked, reason: "stale", stale: None, asking: None }
    }
}

/// Answers with what is kept; with its head alone when that is all that is asked for, or the client holds the rest.
fn give(exchange: &mut Exchange, asked: &HeaderMap, kept: &Arc<Kept>, detail: &str) {
    let now = Instant::now();
    let age = kept.age(now).as_secs();
    let ttl = i128::from(kept.lifetimes.fresh.as_secs()) - i128::from(age);
    let hit = if detail.contains("fwd=") { "" } else { "; hit" };
    let mut response = Response::new(Content::Whole(None));
    *response.headers_mut() = kept.headers.clone();
    response.headers_mut().insert(header::AGE, HeaderValue::from(age));
    if kept.status == StatusCode::OK && rules::is_held(asked, &kept.headers) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        respond::without_content(response.headers_mut());
    } else {
        *response.status_mut() = kept.status;
        if exchange.head.method != Method::HEAD {
            *response.body_mut() = whole(kept);
        }
    }
    exchange.response = Some(said_of(response, &format!("fpms{hit}; ttl={ttl}{detail}")));
    metrics::RESPONSE_CACHE.with(&[if ttl > 0 { "hit" } else { "stale" }]).increment();
}

/// Returns all that is kept as content.
fn whole(kept: &Arc<Kept>) -> Content {
    if kept.body.is_empty() { Content::Whole(None) } else { Content::Kept(Arc::clone(kept)) }
}

/// Asks for an answer anew, behind the back of whoever got the stale one.
fn refresh(exchange: &Exchange, mut seeking: Seeking) {
    const REFRESH: TaskKind = TaskKind::new("gateway-cache-refresh", OnError::Log);
    let mut copy = exchange.copy();
    copy.head.method = Method::GET;
    seeking.ask_whether_it_holds(&mut copy.head.headers);
    copy.seeking = Some(Box::new(seeking));
    runtime::spawn(REFRESH, async move {
        // What fails is told by the record of the request; what is kept stays until it is too old.
        let _ = timeout(REFRESH_MAX, async {
            rewrite::run(&mut copy)?;
            let outcome = proxy::run(&mut copy).await;
            let outcome = keep(&mut copy, outcome).await;
            let status = copy.response.as_ref().map_or(StatusCode::BAD_GATEWAY, Response::status);
            copy.record.answered(status, outcome.err());
            outcome
        })
        .await;
    });
}

/// Reads the rest of an answer that says how long it is.
async fn gather(mut download: Download) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(piece) = poll_fn(|cx| download.poll(cx)).await {
        let piece = piece.map_err(|_| Refusal::ServiceFailed)?;
        body.extend_from_slice(&piece.into_data().unwrap_or_default());
    }
    Ok(body.freeze())
}

/// Returns the headers of an answer that are for everybody.
fn for_everybody(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    let is_ours = |name: &str| name == headers::FINAL.as_str() || name == headers::FORGET.as_str();
    normalise::remove(&mut kept, |name| respond::is_hop_by_hop(name) || is_ours(name));
    kept
}

fn said_of(mut response: Response<Content>, text: &str) -> Response<Content> {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(CACHE_STATUS, value);
    }
    response
}

fn has_credential(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE)
}
