//! Answers in fewer bytes: zstd, brotli or gzip, piece by piece, for what is worth it.
//!
//! Owns the decision which answers are coded. Never holds back what has come: when the service pauses, everything so
//! far is flushed, so that events arrive as they happen. Start reading at [`chosen`].
//!
//! Length tells secrets (BREACH): who can put words into an answer and see how long it gets, can guess what else is in
//! it. Only another site's page can do that to somebody, so an answer to somebody with a credential is coded only when
//! the browser says that the request did not come from another site, or when no browser sent it.

use std::{
    io, mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, response::Parts};
use http_body::Frame;

mod coder;
mod negotiate;

use self::coder::Coder;
#[cfg(test)]
pub(crate) use self::coder::decoded;
pub(crate) use self::negotiate::{Coding, unmark};
use crate::{
    body::{BrokenOff, Content, Download},
    metrics,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Below this the head of an answer is the larger part.
const BYTES_MIN: u64 = 1_024;
/// Above this an answer would keep a core for too long.
const BYTES_MAX: u64 = 32 << 20;

/// What of a request decides on the coding of its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    accept: Option<HeaderValue>,
    /// Whether another site's page may have sent it with somebody's credential.
    exposed: bool,
    head: bool,
    /// The coding of the representation that the client holds already.
    pub(crate) held: Option<Coding>,
}

impl Wish {
    /// Reads the wish of a request.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        Self {
            accept: headers.get(header::ACCEPT_ENCODING).cloned(),
            exposed: is_exposed(headers),
            head: *method == Method::HEAD,
            held: None,
        }
    }
}

/// Returns whether somebody's credential came along by a browser that does not say that the request is its own site's.
fn is_exposed(headers: &HeaderMap) -> bool {
    let own = headers.get(SEC_FETCH_SITE).map(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    match own {
        Some(own) => !own && (headers.contains_key(header::COOKIE) || headers.contains_key(header::AUTHORIZATION)),
        None => headers.contains_key(header::COOKIE),
    }
}

/// Chooses the coding of an answer, and writes into its head that it could have been another.
pub(crate) fn chosen(wish: &Wish, response: &mut Response<Content>) -> Option<Coding> {
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED {
        // The client goes on with what it holds, under the tag that it holds it by.
        if let Some(coding) = wish.held {
            retag(response.headers_mut(), coding);
        }
        return None;
    }
    let length = match response.body() {
        Content::Service(download) => download.length(),
        Content::Whole(Some(bytes)) => Some(bytes.len() as u64),
        Content::Kept(kept) => Some(kept.body.len() as u64),
        // What has no content may still speak of one, as the answer to HEAD does.
        Content::Whole(None) => None,
        // What has trailers stays as it is, since they may speak of its bytes.
        Content::Http2(_) | Content::Packed(_) | Content::Tunnel(_) => return None,
    };
    if !is_worth_it(status, response.headers(), length) {
        return None;
    }
    if !says(response.headers(), header::VARY, "accept-encoding") {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    let empty = matches!(response.body(), Content::Whole(None));
    if wish.head || wish.exposed || empty { None } else { Coding::wanted(wish.accept.as_ref()) }
}

/// Codes an answer.
pub(crate) fn code(coding: Coding, response: Response<Content>) -> Response<Content> {
    let (mut head, content) = response.into_parts();
    let content = match content {
        Content::Service(download) => match Packed::new(coding, download) {
            Ok(packed) => packed,
            Err(download) => return Response::from_parts(head, Content::Service(download)),
        },
        Content::Whole(Some(bytes)) => {
            let coded = whole(coding, &bytes);
            return at_hand(head, coding, coded, Content::Whole(Some(bytes)));
        }
        Content::Kept(kept) => {
            let coded = kept.coded(coding, |bytes| whole(coding, bytes));
            return at_hand(head, coding, coded, Content::Kept(kept));
        }
        other => return Response::from_parts(head, other),
    };
    mark(&mut head.headers, coding);
    Response::from_parts(head, Content::Packed(Box::new(content)))
}

/// Returns an answer that is at hand, coded if it could be.
fn at_hand(mut head: Parts, coding: Coding, coded: Option<Bytes>, plain: Content) -> Response<Content> {
    let Some(coded) = coded else { return Response::from_parts(head, plain) };
    mark(&mut head.headers, coding);
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(coded.len()));
    Response::from_parts(head, Content::Whole(Some(coded)))
}

fn begun(coding: Coding) -> io::Result<Coder> {
    let coder = Coder::new(coding)?;
    metrics::CODED.with(&[coding.name()]).increment();
    Ok(coder)
}

/// Codes what is at hand; none when a coder fails.
fn whole(coding: Coding, bytes: &[u8]) -> Option<Bytes> {
    let mut coder = begun(coding).ok()?;
    let begin = coder.feed(bytes).ok()?;
    let end = coder.finish().ok()?;
    Some(if begin.is_empty() { end } else { [begin, end].concat().into() })
}

fn mark(headers: &mut HeaderMap, coding: Coding) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    retag(headers, coding);
}

fn retag(headers: &mut HeaderMap, coding: Coding) {
    if let Some(tag) = headers.get(header::ETAG).and_then(|tag| coding.mark(tag)) {
        headers.insert(header::ETAG, tag);
    }
}

fn is_worth_it(status: StatusCode, headers: &HeaderMap, length: Option<u64>) -> bool {
    let bodiless = status.is_informational() || matches!(status.as_u16(), 204..=206);
    !bodiless
        && length.is_none_or(|length| (BYTES_MIN..=BYTES_MAX).contains(&length))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::CONTENT_RANGE)
        && !says(headers, header::CACHE_CONTROL, "no-transform")
        && headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(is_compressible)
}

/// Returns whether a list among the headers holds `word`.
fn says(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
}

/// Returns whether contents of this type are text of some kind; images, sound and archives are dense already.
fn is_compressible(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim().as_bytes();
    let begins = |word: &[u8]| essence.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    let ends = |word: &[u8]| {
        let begin = essence.len().checked_sub(word.len());
        begin.and_then(|begin| essence.get(begin..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    let known = [
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/wasm",
        "application/x-ndjson",
        "application/xml",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/svg+xml",
    ];
    begins(b"text/")
        || ends(b"+json")
        || ends(b"+xml")
        || known.iter().any(|known| essence.eq_ignore_ascii_case(known.as_bytes()))
}

/// A service's answer on its way through a coder.
pub(crate) struct Packed {
    download: Box<Download>,
    state: State,
}

enum State {
    /// Taking in pieces; whether something has gone in that has not come out.
    Coding(Coder, bool),
    Ended,
}

impl Packed {
    fn new(coding: Coding, download: Box<Download>) -> Result<Self, Box<Download>> {
        match begun(coding) {
            Ok(coder) => Ok(Self { download, state: State::Coding(coder, false) }),
            Err(_) => Err(download),
        }
    }

    /// Returns whether nothing more comes.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Returns the next piece: what came out by itself, or everything so far once the service pauses.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        loop {
            let State::Coding(coder, unflushed) = &mut self.state else { return Poll::Ready(None) };
            let ready = match self.download.poll(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let piece = frame.into_data().unwrap_or_default();
                    *unflushed = *unflushed || !piece.is_empty();
                    coder.feed(&piece)
                }
                Poll::Ready(Some(Err(broken))) => return Poll::Ready(Some(Err(broken))),
                Poll::Pending if mem::take(unflushed) => coder.flush(),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => self.finish(),
            };
            match ready {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Err(_) => return Poll::Ready(Some(Err(BrokenOff))),
            }
        }
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        match mem::replace(&mut self.state, State::Ended) {
            State::Coding(coder, _) => coder.finish(),
            State::Ended => Ok(Bytes::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (header::HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_text_of_some_size_that_is_not_coded_yet_is_worth_it() {
        let worth = |status: u16, length, pairs: &[_]| {
            is_worth_it(StatusCode::from_u16(status).unwrap(), &headers(pairs), length)
        };
        let html = ("content-type", "text/html; charset=utf-8");
        assert!(worth(200, None, &[html]) && worth(404, Some(1_024), &[html]));
        assert!(worth(200, None, &[("content-type", "application/problem+json")]));
        assert!(!worth(200, Some(1_023), &[html]) && !worth(200, Some(BYTES_MAX + 1), &[html]));
        assert!(!worth(204, None, &[html]) && !worth(206, None, &[html]) && !worth(200, None, &[]));
        assert!(!worth(200, None, &[("content-type", "image/png")]));
        for other in
            [("content-encoding", "gzip"), ("content-range", "bytes 0-1/2"), ("cache-control", "private, no-transform")]
        {
            assert!(!worth(200, None, &[html, other]), "{other:?}");
        }
    }

    #[test]
    fn a_credential_that_another_site_may_have_sent_keeps_an_answer_plain() {
        let cookie = ("cookie", "fpms=x");
        for (pairs, exposed) in [
            (vec![], false),
            (vec![cookie], true),
            (vec![cookie, ("sec-fetch-site", "same-origin")], false),
            (vec![cookie, ("sec-fetch-site", "none")], false),
            (vec![cookie, ("sec-fetch-site", "same-site")], true),
            (vec![cookie, ("sec-fetch-site", "cross-site")], true),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("authorization", "Bearer t")], false),
            (vec![("authorization", "Basic t"), ("sec-fetch-site", "cross-site")], true),
        ] {
            assert_eq!(is_exposed(&headers(&pairs)), exposed, "{pairs:?}");
        }
    }
}
