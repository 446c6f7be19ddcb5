//! What a shared cache may keep, and for how long (RFC 9111, with RFC 5861 for what is stale).
//!
//! Pure, and stricter than the RFC in three things: nothing is kept without a stated lifetime, in `Cache-Control` or
//! `Expires`, nothing that varies by credential, and nothing that came for a request with a cookie unless it says that it
//! is public.

use std::{
    mem,
    time::{Duration, SystemTime},
};

use base::Timestamp;
use http::{HeaderMap, HeaderName, StatusCode, header};
use mesh::headers;
use tokio::time::Instant;

/// Longest that anything is kept.
pub(crate) const LIFETIME_MAX: Duration = Duration::from_hours(24 * 365);

/// A date has whole seconds, and so is up to one too early.
const DATE_STEP: Duration = Duration::from_secs(1);

/// How an answer came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// When, by the clock that only goes on.
    pub(crate) at: Instant,
    /// When, by the clock on the wall.
    pub(crate) time: Timestamp,
    /// How long after it was asked for.
    pub(crate) delay: Duration,
}

/// For how long an answer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// As it is.
    pub(crate) fresh: Duration,
    /// After that, while it is asked for anew.
    pub(crate) while_asked: Duration,
    /// After that, when it cannot be had anew.
    pub(crate) if_error: Duration,
}

impl Lifetimes {
    /// Of what serves whoever asked for it, and nobody after.
    pub(crate) const OVER: Self = Self { fresh: Duration::ZERO, while_asked: Duration::ZERO, if_error: Duration::ZERO };
}

/// Returns for how long an answer may be kept for everybody; `None` when it may not. `credential` says whether the
/// request came with one.
pub(crate) fn lifetimes(credential: bool, status: StatusCode, answer: &HeaderMap) -> Option<Lifetimes> {
    let kept = matches!(status.as_u16(), 200 | 203 | 301 | 308 | 404 | 410);
    let own = [header::SET_COOKIE, header::CONTENT_RANGE, headers::FORGET];
    if !kept || !is_readable(answer) || own.iter().any(|name| answer.contains_key(name)) || varies_by_credential(answer)
    {
        return None;
    }
    let said = |name: &str| directive(answer, name).is_some();
    let seconds = |name: &str| directive(answer, name).and_then(|text| text.parse().ok());
    if said("no-store") || said("private") || said("no-cache") || (credential && !said("public") && !said("s-maxage")) {
        return None;
    }
    let fresh = freshness(answer)?.min(LIFETIME_MAX);
    let strict = said("must-revalidate") || said("proxy-revalidate");
    let stale = |name: &str| Duration::from_secs(seconds(name).filter(|_| !strict).unwrap_or(0)).min(LIFETIME_MAX);
    let lifetimes =
        Lifetimes { fresh, while_asked: stale("stale-while-revalidate"), if_error: stale("stale-if-error") };
    let checkable = answer.contains_key(header::ETAG) || answer.contains_key(header::LAST_MODIFIED);
    (!fresh.is_zero() || checkable || !lifetimes.while_asked.is_zero()).then_some(lifetimes)
}

/// Returns for how long an answer says that it is fresh (RFC 9111, 4.2.1): by the first of `s-maxage`, `max-age` and
/// `Expires` that is there. One that cannot be read is no reason to look at the next: it was meant to say something.
fn freshness(answer: &HeaderMap) -> Option<Duration> {
    let stated = directive(answer, "s-maxage").or_else(|| directive(answer, "max-age"));
    if let Some(seconds) = stated {
        return seconds.parse().ok().map(Duration::from_secs);
    }
    answer.get(header::EXPIRES)?;
    // A date that cannot be read, such as `0`, has passed (RFC 9111, 5.3).
    let left = || date(answer, header::EXPIRES)?.duration_since(date(answer, header::DATE)?).ok();
    Some(left().unwrap_or_default())
}

fn date(answer: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(answer.get(name)?.to_str().ok()?).ok()
}

/// Returns how old an answer was when it came (RFC 9111, 4.2.3): as old as it says, with the time that it was on its way,
/// or as its date says when that is more.
pub(crate) fn age(answer: &HeaderMap, arrival: &Arrival) -> Duration {
    let seconds = answer.get(header::AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok());
    let said = Duration::from_secs(seconds.unwrap_or(0)).min(LIFETIME_MAX) + arrival.delay;
    let came = SystemTime::UNIX_EPOCH + arrival.time.since(Timestamp::EPOCH);
    let apparent = date(answer, header::DATE).and_then(|date| came.duration_since(date).ok()).unwrap_or_default();
    apparent.saturating_sub(DATE_STEP).max(said).min(LIFETIME_MAX)
}

/// Returns a directive of `Cache-Control`: its value, which is empty when it has none.
pub(crate) fn directive<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(entries).find_map(|entry| {
        let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
    })
}

/// Returns what commas part, but for those in quotes (RFC 9110, 5.6.1 and 5.6.4).
fn entries(list: &str) -> impl Iterator<Item = &str> {
    let mut quotes = Quotes::default();
    list.split(move |letter| !quotes.enclose(letter) && letter == ',')
}

/// Whether a letter stands in quotes.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    fn enclose(&mut self, letter: char) -> bool {
        match letter {
            _ if mem::take(&mut self.escaped) => {}
            '"' => self.open = !self.open,
            '\\' => self.escaped = self.open,
            _ => {}
        }
        self.open
    }
}

/// Returns whether all that says who may keep an answer can be read. What cannot might forbid it.
fn is_readable(answer: &HeaderMap) -> bool {
    let mut values = answer.get_all(header::CACHE_CONTROL).iter().chain(answer.get_all(header::VARY));
    values.all(|value| {
        let mut quotes = Quotes::default();
        value.to_str().is_ok_and(|text| text.chars().fold(true, |_, letter| !quotes.enclose(letter)))
    })
}

/// Returns the names of the request's headers that the answer depends on, in order.
pub(crate) fn varies_by(answer: &HeaderMap) -> Vec<String> {
    let values = answer.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    names
}

fn varies_by_credential(answer: &HeaderMap) -> bool {
    varies_by(answer).iter().any(|name| matches!(name.as_str(), "*" | "cookie" | "authorization"))
}

/// Returns whether the client holds an answer with these headers already (RFC 9110, 13.2.2).
pub(crate) fn is_held(asked: &HeaderMap, answer: &HeaderMap) -> bool {
    let text = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok().map(str::to_owned))
    };
    if let Some(tags) = text(asked, header::IF_NONE_MATCH) {
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let current = text(answer, header::ETAG);
        return current
            .is_some_and(|current| tags.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(&current)));
    }
    let since = text(asked, header::IF_MODIFIED_SINCE);
    since.is_some() && since == text(answer, header::LAST_MODIFIED)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (header::HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_what_says_that_it_may_be_shared_is_kept() {
        let kept = |control: &'static str, credential, extra: &[_]| {
            let mut answer = headers(&[("cache-control", control)]);
            answer.extend(headers(extra));
            lifetimes(credential, StatusCode::OK, &answer).map(|lifetimes| lifetimes.fresh.as_secs())
        };
        for (control, credential, expected) in [
            ("max-age=60", false, Some(60)),
            ("max-age=60, s-maxage=10", false, Some(10)),
            ("MAX-AGE=\"60\"", false, Some(60)),
            ("public, max-age=60", true, Some(60)),
            ("s-maxage=5", true, Some(5)),
            ("max-age=60", true, None),
            ("private, max-age=60", false, None),
            ("no-store", false, None),
            ("max-age=60, no-cache", false, None),
            ("max-age=-1", false, None),
            ("max-age=0", false, None),
            ("", false, None),
        ] {
            assert_eq!(kept(control, credential, &[]), expected, "{control}");
        }
        assert_eq!(kept("max-age=0", false, &[("etag", "\"a\"")]), Some(0));
        for own in [("set-cookie", "a=b"), ("vary", "Accept, Cookie"), ("vary", "*"), ("content-range", "bytes 0-1/2")]
        {
            assert_eq!(kept("public, max-age=60", false, &[own]), None, "{own:?}");
        }
        assert!(
            lifetimes(false, StatusCode::INTERNAL_SERVER_ERROR, &headers(&[("cache-control", "max-age=60")])).is_none()
        );
    }

    #[test]
    fn what_stands_in_quotes_says_nothing_and_what_cannot_be_read_is_not_kept() {
        let of = |control: &'static str| {
            let lifetimes = lifetimes(false, StatusCode::OK, &headers(&[("cache-control", control)]));
            lifetimes.map(|lifetimes| lifetimes.fresh.as_secs())
        };
        for (control, expected) in [
            (r#"a="b, max-age=60""#, None),
            (r#"a="b, no-store", max-age=60"#, Some(60)),
            (r#"a="\", max-age=5", max-age=60"#, Some(60)),
            (r#"max-age=60, a=\"b, c""#, Some(60)),
            (r#"max-age=60, no-cache="a, b""#, None),
            (r#"max-age=60, a="b, no-store"#, None),
        ] {
            assert_eq!(of(control), expected, "{control}");
        }
        for name in [header::CACHE_CONTROL, header::VARY] {
            let mut answer = headers(&[("cache-control", "max-age=60")]);
            answer.append(name, HeaderValue::from_bytes(b"no-store, \xff").unwrap());
            assert!(lifetimes(false, StatusCode::OK, &answer).is_none());
        }
    }

    #[test]
    fn a_date_on_which_an_answer_expires_counts_where_nothing_else_does() {
        const DATE: &str = "Thu, 26 Nov 2026 10:00:00 GMT";
        let kept = |pairs: &[_]| {
            let lifetimes = lifetimes(false, StatusCode::OK, &headers(pairs));
            lifetimes.map(|lifetimes| lifetimes.fresh.as_secs())
        };
        for (expires, expected) in [
            ("Thu, 26 Nov 2026 10:01:00 GMT", Some(60)),
            ("Thursday, 26-Nov-26 10:01:00 GMT", Some(60)),
            ("Thu Nov 26 10:01:00 2026", Some(60)),
            ("Wed, 26 Nov 2228 10:00:00 GMT", Some(LIFETIME_MAX.as_secs())),
            (DATE, None),
            ("Thu, 26 Nov 2026 09:00:00 GMT", None),
            ("0", None),
            ("", None),
            ("Thu, 26 Nov 2026 10:01:00", None),
            ("Thu, 26 Nov 2026 10:61:00 GMT", None),
        ] {
            let expires = ("expires", expires);
            assert_eq!(kept(&[("date", DATE), expires]), expected, "{expires:?}");
            let control = |control| ("cache-control", control);
            assert_eq!(kept(&[("date", DATE), expires, control("public")]), expected, "{expires:?}");
            assert_eq!(kept(&[("date", DATE), expires, control("max-age=5")]), Some(5), "{expires:?}");
            assert_eq!(kept(&[("date", DATE), expires, control("s-maxage=6, max-age=5")]), Some(6), "{expires:?}");
            for other in ["max-age=x", "max-age", "s-maxage=-1, max-age=5", "private", "no-store"] {
                assert_eq!(kept(&[("date", DATE), expires, control(other)]), None, "{expires:?} {other}");
            }
            assert_eq!(kept(&[("date", "soon"), expires]), None, "{expires:?}");
            // What has passed may still be asked about.
            let checkable = kept(&[("date", DATE), expires, ("etag", "\"a\"")]);
            assert_eq!(checkable, expected.or(Some(0)), "{expires:?}");
        }
        assert_eq!(kept(&[("date", DATE), ("etag", "\"a\"")]), None);
    }

    #[test]
    fn an_answer_is_as_old_as_it_says_or_as_its_date_says() {
        // 10:00:30.5 on the wall, and two seconds after it was asked for.
        let arrival = Arrival {
            at: Instant::now(),
            time: Timestamp::from_micros(1_795_687_230_500_000),
            delay: Duration::from_secs(2),
        };
        for (pairs, expected_ms) in [
            (&[][..], 2_000),
            (&[("age", "10")], 12_000),
            (&[("age", "x")], 2_000),
            (&[("date", "Thu, 26 Nov 2026 10:00:00 GMT")], 29_500),
            (&[("date", "Thu, 26 Nov 2026 10:00:00 GMT"), ("age", "40")], 42_000),
            (&[("date", "Thu, 26 Nov 2026 10:00:30 GMT")], 2_000),
            (&[("date", "Thu, 26 Nov 2026 11:00:00 GMT")], 2_000),
            (&[("date", "soon")], 2_000),
        ] {
            assert_eq!(age(&headers(pairs), &arrival).as_millis(), expected_ms, "{pairs:?}");
        }
    }

    #[test]
    fn what_is_stale_serves_as_it_says_itself_unless_it_must_be_asked_for() {
        let of =
            |control: &'static str| lifetimes(false, StatusCode::OK, &headers(&[("cache-control", control)])).unwrap();
        let stale = of("max-age=1, stale-while-revalidate=20, stale-if-error=300");
        assert_eq!((stale.while_asked.as_secs(), stale.if_error.as_secs()), (20, 300));
        let strict = of("max-age=1, stale-while-revalidate=20, stale-if-error=300, must-revalidate");
        assert!(strict.while_asked.is_zero() && strict.if_error.is_zero());
    }

    #[test]
    fn a_client_that_holds_the_answer_is_recognised() {
        let answer = headers(&[("etag", "W/\"a\""), ("last-modified", "Thu, 26 Nov 2026 10:00:00 GMT")]);
        assert!(is_held(&headers(&[("if-none-match", "\"b\", \"a\"")]), &answer));
        assert!(!is_held(
            &headers(&[("if-none-match", "\"b\""), ("if-modified-since", "Thu, 26 Nov 2026 10:00:00 GMT")]),
            &answer
        ));
        assert!(is_held(&headers(&[("if-modified-since", "Thu, 26 Nov 2026 10:00:00 GMT")]), &answer));
        assert!(!is_held(&HeaderMap::new(), &answer));
    }
}
