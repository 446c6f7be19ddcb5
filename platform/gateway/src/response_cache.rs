//! Answers kept for everybody: bounded in bytes, asked for once at a time, forgotten by path or tag.
//!
//! Owns the answers, the coded forms beside them, and who is asking for which. Never keeps what is meant for one person:
//! `rules` decides. Start reading at [`ResponseCache::find`]; the phase `cache` uses it.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

mod forms;
mod kept;
pub(crate) mod rules;
mod shelf;

pub(crate) use self::kept::{Fate, Kept, Worth};
use self::shelf::Shelf;

/// By which a service names what an answer is made of, between commas, so that it can be forgotten by name.
pub(crate) const TAGS: HeaderName = HeaderName::from_static("cache-tag");
/// Addresses of which it is known what their answers depend on, or that they are not kept.
const ADDRESSES_MAX: usize = 20_000;
/// How long nobody looks for an address whose answer could not be kept, or waits for somebody else's.
const PASSED: Duration = Duration::from_secs(10);

/// What is asked for: the same for everybody who may get the same answer, but for what the answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    path: String,
    number: Number,
}

/// What is sought: what an address is made of.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Sought<'a> {
    pub(crate) tenant: Uuid,
    pub(crate) route: &'a str,
    pub(crate) host: &'a str,
    /// Path and query.
    pub(crate) whole: &'a str,
    pub(crate) path: &'a str,
}

/// The hash of what is sought, which is there before its address is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u64);

impl Number {
    fn key(self, credential: bool) -> u64 {
        self.0 ^ u64::from(credential)
    }
}

impl Address {
    /// Writes down what is sought.
    pub(crate) fn of(sought: Sought<'_>, number: Number) -> Self {
        let Sought { tenant, route, host, whole, path } = sought;
        Self { text: format!("{tenant}\n{route}\n{host}\n{whole}"), path: path.to_owned(), number }
    }
}

/// The answers.
pub(crate) struct ResponseCache {
    answers: Arc<Shelf>,
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

impl ResponseCache {
    /// Returns a cache of at most `bytes_max`, in which the body of one answer has at most a sixteenth of that.
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self {
            answers: Shelf::new(bytes_max),
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

    /// Keeps an answer to a request with these headers, and returns it.
    pub(crate) fn keep(&self, address: &Address, asked: &HeaderMap, kept: Kept) -> Arc<Kept> {
        let names: Arc<[String]> = rules::varies_by(&kept.headers).into();
        let kept = self.answers.put(variant(address, &names, asked), kept);
        for credential in [false, true] {
            self.passed.remove(&address.number.key(credential));
        }
        self.varying.insert(address.text.clone(), names);
        kept
    }

    /// Returns the number of what is sought.
    pub(crate) fn number(&self, sought: Sought<'_>) -> Number {
        Number(self.hasher.hash_one(sought))
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
        self.answers.forget(|kept| kept.is_below(path))
    }

    /// Forgets the answers with `tag`; returns how many.
    pub(crate) fn forget_tag(&self, tag: &str) -> usize {
        self.answers.forget(|kept| kept.has_tag(tag))
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
    use std::cell::Cell;

    use bytes::Bytes;
    use http::StatusCode;

    use super::{
        rules::{Arrival, Lifetimes},
        *,
    };
    use crate::compression::Coding;

    fn address(cache: &ResponseCache, path: &str) -> Address {
        let sought = Sought { tenant: Uuid::nil(), route: "r", host: "h", whole: path, path };
        Address::of(sought, cache.number(sought))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn kept(path: &str, pairs: &[(&'static str, &'static str)], bytes: usize) -> Kept {
        let lifetimes = Lifetimes {
            fresh: Duration::from_secs(10),
            while_asked: Duration::from_secs(5),
            if_error: Duration::from_secs(20),
        };
        let answer = (StatusCode::OK, headers(pairs), Bytes::from(vec![0; bytes]));
        Kept::new(answer, lifetimes, &address(&ResponseCache::new(0), path), &arrival())
    }

    fn arrival() -> Arrival {
        Arrival { at: Instant::now(), time: base::Timestamp::EPOCH, delay: Duration::ZERO }
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
    async fn what_a_304_says_decides_what_becomes_of_an_answer() {
        let cache = ResponseCache::new(1 << 20);
        let (here, asked) = (address(&cache, "/a"), HeaderMap::new());
        let kept = cache.keep(&here, &asked, kept("/a", &[("cache-control", "max-age=60"), ("etag", "\"a\"")], 1));
        for (said, credential, expected) in [
            (&[][..], false, Fate::Renewed),
            (&[("cache-control", "max-age=5")], false, Fate::Renewed),
            (&[("cache-control", "public, max-age=5")], true, Fate::Renewed),
            (&[], true, Fate::AsItWas),
            (&[("cache-control", "no-store")], false, Fate::Over),
            (&[("cache-control", "private, max-age=60")], true, Fate::Over),
            (&[("set-cookie", "a=b")], false, Fate::Over),
        ] {
            let (renewed, fate) = kept.renewed(&headers(said), &arrival(), credential);
            assert_eq!(fate, expected, "{said:?}");
            assert_eq!(renewed.lifetimes == Lifetimes::OVER, expected != Fate::Renewed, "{said:?}");
        }
        kept.leave();
        assert!(cache.find(&here, &asked).is_none());
        // Another that has taken its place stays.
        cache.keep(&here, &asked, self::kept("/a", &[], 1));
        kept.leave();
        assert!(cache.find(&here, &asked).is_some());
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
    async fn a_form_is_made_once_counts_and_goes_with_its_answer() {
        let cache = ResponseCache::new(1 << 20);
        let (here, asked) = (address(&cache, "/a"), HeaderMap::new());
        let made = Cell::new(0);
        let code = |bytes: usize| {
            let made = &made;
            move |_: &[u8]| {
                made.set(made.get() + 1);
                Some(Bytes::from(vec![1; bytes]))
            }
        };
        let first = cache.keep(&here, &asked, kept("/a", &[], 10_000));
        let plain = cache.answers.weight();
        for _ in 0..3 {
            let found = cache.find(&here, &asked).unwrap();
            assert_eq!(found.coded(Coding::Zstd, code(4_000)).unwrap().len(), 4_000);
            assert_eq!(found.coded(Coding::Gzip, code(5_000)).unwrap().len(), 5_000);
            assert!(found.coded(Coding::Brotli, code(10_000)).is_none(), "it would gain nothing");
        }
        assert_eq!((made.get(), cache.answers.weight()), (3, plain + 9_000));
        // What still holds has the same body.
        let renewed = first.renewed(&HeaderMap::new(), &arrival(), false).0;
        let renewed = cache.keep(&here, &asked, renewed);
        assert_eq!(renewed.coded(Coding::Zstd, code(1)).unwrap().len(), 4_000);
        assert_eq!((made.get(), cache.answers.weight()), (3, plain + 9_000));
        // Another answer has forms of its own, and what comes late for the former is not kept.
        cache.keep(&here, &asked, kept("/a", &[], 10_000));
        assert_eq!(cache.answers.weight(), plain);
        let late = kept("/a", &[], 10_000);
        let late = cache.keep(&address(&cache, "/b"), &asked, late);
        assert_eq!(cache.forget_path("/"), 2);
        for _ in 0..2 {
            assert_eq!(late.coded(Coding::Zstd, code(7)).unwrap().len(), 7);
        }
        assert_eq!((made.get(), cache.answers.weight(), cache.answers.len()), (5, 0, 0));
    }

    #[tokio::test]
    async fn forms_stay_within_the_same_bytes() {
        let cache = ResponseCache::new(1 << 20);
        let (asked, paths) = (HeaderMap::new(), (0..60).map(|number| format!("/{number}")).collect::<Vec<_>>());
        for path in &paths {
            cache.keep(&address(&cache, path), &asked, kept(path, &[], 10_000));
        }
        for (path, coding) in paths.iter().flat_map(|path| Coding::ALL.map(|coding| (path, coding))) {
            let found = cache.find(&address(&cache, path), &asked);
            let coded = found.map(|found| found.coded(coding, |_| Some(Bytes::from(vec![1; 9_000]))));
            assert!(coded.is_none_or(|coded| coded.is_some()));
            assert!(cache.answers.weight() <= 1 << 20);
        }
        assert!(cache.answers.len() > 10);
    }

    #[tokio::test]
    async fn an_answer_is_not_lost_for_a_form_that_has_no_room() {
        let cache = ResponseCache::new(1 << 20);
        let (here, asked) = (address(&cache, "/"), HeaderMap::new());
        let kept = cache.keep(&here, &asked, kept("/", &[], 400_000));
        assert_eq!(kept.coded(Coding::Zstd, |_| Some(Bytes::from(vec![1; 390_000]))).unwrap().len(), 390_000);
        assert!(Arc::ptr_eq(&cache.find(&here, &asked).unwrap(), &kept));
        assert!(cache.answers.weight() < 410_000);
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
