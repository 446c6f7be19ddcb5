//! Answers kept for everybody: bounded in bytes, asked for once at a time, forgotten by path or tag.
//!
//! Owns the answers and who is asking for which. Never keeps what is meant for one person: `rules` decides. Start
//! reading at [`ResponseCache::find`]; the phase `cache` uses it.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use quick_cache::{Weighter, sync::Cache};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

pub(crate) mod rules;

use self::rules::Lifetimes;

/// By which a service names what an answer is made of, between commas, so that it can be forgotten by name.
pub(crate) const TAGS: HeaderName = HeaderName::from_static("cache-tag");
/// What an answer takes besides its body and its address.
const HEAD_BYTES_ASSUMED: u64 = 1_024;
/// Answers expected, for the size of the table.
const ANSWER_BYTES_ASSUMED: u64 = 16 << 10;
/// Addresses of which it is known what their answers depend on, or that they are not kept.
const ADDRESSES_MAX: usize = 20_000;
/// How long nobody looks for an address whose answer could not be kept, or waits for somebody else's.
const PASSED: Duration = Duration::from_secs(10);

/// An answer that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) lifetimes: Lifetimes,
    /// How old it was when it came, and when that was.
    age: Duration,
    at: Instant,
    path: String,
}

/// How well a kept answer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    Fresh,
    /// It may be given while it is asked for anew.
    WhileAsked,
    /// It may be given when it cannot be had anew; in any case it can be asked whether it still holds.
    Stale,
}

/// What is asked for: the same for everybody who may get the same answer, but for what the answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    path: String,
    number: Number,
}

/// What an address is made of.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Place<'a> {
    pub(crate) tenant: Uuid,
    pub(crate) route: &'a str,
    pub(crate) host: &'a str,
    /// Path and query.
    pub(crate) whole: &'a str,
    pub(crate) path: &'a str,
}

/// The hash of a place, which is there before its address is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u64);

impl Number {
    fn key(self, credential: bool) -> u64 {
        self.0 ^ u64::from(credential)
    }
}

impl Address {
    /// Writes down a place.
    pub(crate) fn of(place: Place<'_>, number: Number) -> Self {
        let Place { tenant, route, host, whole, path } = place;
        Self { text: format!("{tenant}\n{route}\n{host}\n{whole}"), path: path.to_owned(), number }
    }
}

/// The answers.
pub(crate) struct ResponseCache {
    answers: Cache<String, Arc<Kept>, ByBytes>,
    /// What the answers of an address depend on.
    varying: Cache<String, Arc<[String]>>,
    /// Addresses whose last answer could not be kept, with and without a credential, and when that was. That two share
    /// a number only costs one of them its place for a moment.
    passed: Cache<u64, Instant>,
    hasher: RandomState,
    asking: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    answer_bytes_max: u64,
}

/// Whether to ask, or to wait for who asks already.
pub(crate) enum Turn {
    Ask(Asking),
    Wait(watch::Receiver<()>),
}

/// The one who asks for an address; whoever waits goes on when this is dropped.
pub(crate) struct Asking {
    address: String,
    asking: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    _done: watch::Sender<()>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.asking.lock().remove(&self.address);
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Arc<Kept>> for ByBytes {
    fn weight(&self, key: &String, kept: &Arc<Kept>) -> u64 {
        (key.len() + kept.body.len()) as u64 + HEAD_BYTES_ASSUMED
    }
}

impl Kept {
    /// Returns the answer that came at `at`.
    pub(crate) fn new(
        (status, headers, body): (StatusCode, HeaderMap, Bytes),
        lifetimes: Lifetimes,
        address: &Address,
        at: Instant,
    ) -> Self {
        Self { age: rules::age(&headers), status, headers, body, lifetimes, at, path: address.path.clone() }
    }

    /// Returns the same answer with what a 304 of `at` says of it (RFC 9111, 4.3.4).
    pub(crate) fn renewed(&self, said: &HeaderMap, at: Instant, credential: bool) -> Self {
        let mut headers = self.headers.clone();
        // Its age counts anew from what the 304 says, or from nothing.
        headers.remove(header::AGE);
        for name in said.keys().filter(|name| *name != header::CONTENT_LENGTH) {
            headers.remove(name);
            for value in said.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let lifetimes = rules::lifetimes(credential, self.status, &headers).unwrap_or(self.lifetimes);
        let (status, body, path) = (self.status, self.body.clone(), self.path.clone());
        Self { age: rules::age(&headers), status, headers, body, lifetimes, at, path }
    }

    /// Returns how old it is.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        self.age + now.saturating_duration_since(self.at)
    }

    /// Returns how well it serves.
    pub(crate) fn worth(&self, now: Instant) -> Worth {
        let age = self.age(now);
        match age {
            age if age < self.lifetimes.fresh => Worth::Fresh,
            age if age < self.lifetimes.fresh + self.lifetimes.while_asked => Worth::WhileAsked,
            _ => Worth::Stale,
        }
    }

    /// Returns whether it may be given because it cannot be had anew.
    pub(crate) fn serves_on_error(&self, now: Instant) -> bool {
        self.age(now) < self.lifetimes.fresh + self.lifetimes.if_error
    }

    fn has_tag(&self, tag: &str) -> bool {
        let values = self.headers.get_all(&TAGS).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim() == tag)
    }
}

impl ResponseCache {
    /// Returns a cache of at most `bytes_max`, in which one answer has at most a sixteenth of that.
    pub(crate) fn new(bytes_max: u64) -> Self {
        let expected = usize::try_from(bytes_max / ANSWER_BYTES_ASSUMED).unwrap_or(usize::MAX).max(16);
        Self {
            answers: Cache::with_weighter(expected, bytes_max, ByBytes),
            varying: Cache::new(ADDRESSES_MAX),
            passed: Cache::new(ADDRESSES_MAX),
            hasher: RandomState::new(),
            asking: Arc::default(),
            answer_bytes_max: bytes_max / 16,
        }
    }

    /// Returns whether anything is kept at all.
    pub(crate) fn is_on(&self) -> bool {
        self.answer_bytes_max > 0
    }

    /// Returns the largest body that is kept.
    pub(crate) fn answer_bytes_max(&self) -> u64 {
        self.answer_bytes_max
    }

    /// Returns the answer to a request with these headers.
    pub(crate) fn find(&self, address: &Address, asked: &HeaderMap) -> Option<Arc<Kept>> {
        let names = self.varying.get(&address.text)?;
        self.answers.get(&variant(address, &names, asked))
    }

    /// Keeps an answer to a request with these headers.
    pub(crate) fn keep(&self, address: &Address, asked: &HeaderMap, kept: Arc<Kept>) {
        let names: Arc<[String]> = rules::varies_by(&kept.headers).into();
        self.answers.insert(variant(address, &names, asked), kept);
        for credential in [false, true] {
            self.passed.remove(&address.number.key(credential));
        }
        self.varying.insert(address.text.clone(), names);
    }

    /// Returns the number of a place.
    pub(crate) fn number(&self, place: Place<'_>) -> Number {
        Number(self.hasher.hash_one(place))
    }

    /// Remembers for a while that an answer could not be kept.
    pub(crate) fn pass(&self, address: &Address, credential: bool, now: Instant) {
        self.passed.insert(address.number.key(credential), now);
    }

    /// Returns whether looking is in vain: a moment ago an answer could not be kept, and none has been since.
    pub(crate) fn passes(&self, number: Number, credential: bool, now: Instant) -> bool {
        let passed = self.passed.get(&number.key(credential));
        passed.is_some_and(|at| now.saturating_duration_since(at) <= PASSED)
    }

    /// Returns whether to ask for this address, or to wait for somebody who does.
    pub(crate) fn turn(&self, address: &Address) -> Turn {
        let mut asking = self.asking.lock();
        if let Some(other) = asking.get(&address.text) {
            return Turn::Wait(other.clone());
        }
        let (done, wait) = watch::channel(());
        asking.insert(address.text.clone(), wait);
        Turn::Ask(Asking { address: address.text.clone(), asking: Arc::clone(&self.asking), _done: done })
    }

    /// Forgets the answers of `path` and of what lies below it; returns how many.
    pub(crate) fn forget_path(&self, path: &str) -> usize {
        let below = |kept: &Kept| {
            let rest = kept.path.strip_prefix(path.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.forget(below)
    }

    /// Forgets the answers with `tag`; returns how many.
    pub(crate) fn forget_tag(&self, tag: &str) -> usize {
        self.forget(|kept| kept.has_tag(tag))
    }

    fn forget(&self, gone: impl Fn(&Kept) -> bool) -> usize {
        let before = self.answers.len();
        self.answers.retain(|_, kept| !gone(kept));
        before.saturating_sub(self.answers.len())
    }
}

/// Returns the key of the answer among those of an address that depend on headers.
fn variant(address: &Address, names: &[String], asked: &HeaderMap) -> String {
    names.iter().fold(address.text.clone(), |mut key, name| {
        let values = asked.get_all(name.as_str());
        // Separators that no header can hold keep two lists from looking alike.
        key.push('\n');
        key.push_str(name);
        for value in values.iter().filter_map(|value: &HeaderValue| value.to_str().ok()) {
            key.push('\r');
            key.push_str(value);
        }
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(cache: &ResponseCache, path: &str) -> Address {
        let place = Place { tenant: Uuid::nil(), route: "r", host: "h", whole: path, path };
        Address::of(place, cache.number(place))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn kept(path: &str, pairs: &[(&'static str, &'static str)], bytes: usize) -> Arc<Kept> {
        let lifetimes = Lifetimes {
            fresh: Duration::from_secs(10),
            while_asked: Duration::from_secs(5),
            if_error: Duration::from_secs(20),
        };
        let answer = (StatusCode::OK, headers(pairs), Bytes::from(vec![0; bytes]));
        Arc::new(Kept::new(answer, lifetimes, &address(&ResponseCache::new(0), path), Instant::now()))
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_grows_old_in_steps() {
        let kept = kept("/", &[("age", "4")], 1);
        let now = Instant::now();
        for (seconds, worth, on_error) in
            [(0, Worth::Fresh, true), (6, Worth::WhileAsked, true), (11, Worth::Stale, true), (26, Worth::Stale, false)]
        {
            let then = now + Duration::from_secs(seconds);
            assert_eq!((kept.worth(then), kept.serves_on_error(then)), (worth, on_error), "{seconds}");
        }
    }

    #[tokio::test]
    async fn answers_that_depend_on_a_header_are_kept_apart_and_forgotten_together() {
        let cache = ResponseCache::new(1 << 20);
        let (en, lo) = (headers(&[("accept-language", "en")]), headers(&[("accept-language", "lo")]));
        let vary = [("vary", "Accept-Language"), ("cache-tag", "news, top")];
        cache.keep(&address(&cache, "/a/b"), &en, kept("/a/b", &vary, 1));
        assert!(
            cache.find(&address(&cache, "/a/b"), &en).is_some() && cache.find(&address(&cache, "/a/b"), &lo).is_none()
        );
        cache.keep(&address(&cache, "/a/b"), &lo, kept("/a/b", &vary, 2));
        assert_eq!(cache.find(&address(&cache, "/a/b"), &en).unwrap().body.len(), 1);
        assert_eq!((cache.forget_path("/a/"), cache.forget_path("/a")), (2, 0));
        cache.keep(&address(&cache, "/a"), &en, kept("/a", &vary, 1));
        assert_eq!((cache.forget_path("/ab"), cache.forget_tag("to"), cache.forget_tag("top")), (0, 0, 1));
    }

    #[tokio::test]
    async fn it_stays_within_its_bytes() {
        let cache = ResponseCache::new(1 << 20);
        for number in 0..500 {
            let path = format!("/{number}");
            cache.keep(&address(&cache, &path), &HeaderMap::new(), kept(&path, &[], 10_000));
        }
        assert!(cache.answers.weight() <= 1 << 20 && cache.answers.len() > 20);
    }

    #[tokio::test]
    async fn whoever_waits_goes_on_when_the_one_who_asks_is_done() {
        let cache = ResponseCache::new(1 << 20);
        let Turn::Ask(asking) = cache.turn(&address(&cache, "/")) else { panic!("nobody asks") };
        let Turn::Wait(mut wait) = cache.turn(&address(&cache, "/")) else { panic!("somebody asks") };
        drop(asking);
        assert!(wait.changed().await.is_err());
        assert!(matches!(cache.turn(&address(&cache, "/")), Turn::Ask(_)));
    }
}
