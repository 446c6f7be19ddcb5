//! Who asks: the app says so by [`Authenticate`], and the answer is kept for a few seconds.
//!
//! Owns the answers kept. Never reads a token, and never keeps an answer past a sign-out that it was told of. An answer
//! that is used near its end is asked for anew behind everybody's back, so that nobody waits while identity is slow.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::HeaderValue;
use quick_cache::sync::Cache;
use runtime::{OnError, TaskKind, metrics::Counter};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{metrics, refusal::Refusal, settings};

/// How long a refusal is kept: long enough that those who waited for it do not each ask in turn.
const REFUSAL_KEPT: Duration = Duration::from_millis(500);

/// The last part of an answer's time in which its use asks for it anew.
const RENEWED_EARLY: u32 = 5;

/// Finds out who a credential belongs to. Implemented by the app, which asks the service that knows.
pub trait Authenticate: Send + Sync + 'static {
    /// Returns the signed caller token for whoever sent `question`; also for somebody without a credential.
    fn authenticate<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>>;
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the request brought.
    pub credential: Credential<'a>,
    /// The host it is for: lower case, without a port.
    pub host: &'a str,
}

/// What a request brings to show who sent it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// The session cookie's value.
    Cookie(&'a str),
    /// The bearer token.
    Bearer(&'a str),
}

/// The answer of [`Authenticate`].
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// The signed caller token, for the header `fpms-caller`.
    pub token: HeaderValue,
    /// Whose it is, for [`Callers::forget_subject`] and for limits; any id that the app chooses.
    pub subject: Option<Uuid>,
    /// To whom they came, for limits; any id that the app chooses.
    pub tenant: Option<Uuid>,
    /// How long the token holds; it is kept for at most half of that.
    pub lifetime: Duration,
}

/// What is kept of an [`Authenticated`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) token: HeaderValue,
    pub(crate) subject: Option<Uuid>,
    pub(crate) tenant: Option<Uuid>,
}

/// Why a request is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The credential is wrong or has ended.
    Credential,
    /// Nothing is served under this host.
    Host,
    /// Too many attempts.
    TooMany,
    /// It cannot be found out at the moment.
    Unavailable,
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Cookie(_) => "Cookie",
            Self::Bearer(_) => "Bearer",
        })
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Credential => Self::Credential,
            Denied::Host => Self::UnknownHost,
            Denied::TooMany => Self::TooMany,
            Denied::Unavailable => Self::IdentityAway,
        }
    }
}

/// The answers kept. Cloning is cheap.
#[derive(Clone)]
pub struct Callers(Arc<Inner>);

struct Inner {
    authenticate: Arc<dyn Authenticate>,
    kept_max: Duration,
    entries: Cache<u64, Arc<Kept>>,
    hasher: RandomState,
    /// Grows with each forgetting, so that an answer that was on its way meanwhile is not kept.
    generation: AtomicU64,
    kept: Counter,
    asked: Counter,
    refused: Counter,
}

/// One answer, and what it answers: the key is a hash, and two credentials must never be taken for each other.
struct Kept {
    kind: u8,
    credential: Box<str>,
    host: Box<str>,
    answer: Result<Found, Denied>,
    until: Instant,
    /// From when on it is asked for anew when it is used, and whether it is.
    renewed_from: Instant,
    renewing: AtomicBool,
}

impl Callers {
    /// Returns the memory in front of `authenticate`.
    pub fn new(authenticate: Arc<dyn Authenticate>, settings: &settings::Callers) -> Self {
        Self(Arc::new(Inner {
            authenticate,
            kept_max: Duration::from_millis(settings.kept_ms),
            entries: Cache::new(settings.entries_max.max(1)),
            hasher: RandomState::new(),
            generation: AtomicU64::new(0),
            kept: metrics::CALLERS.with(&["kept"]),
            asked: metrics::CALLERS.with(&["asked"]),
            refused: metrics::CALLERS.with(&["refused"]),
        }))
    }

    /// Forgets everything about a subject: its roles changed, or it signed out everywhere.
    pub fn forget_subject(&self, subject: Uuid) {
        self.forget(|kept| kept.subject() != Some(subject));
    }

    /// Forgets one credential: it was signed out.
    pub fn forget_credential(&self, credential: Credential<'_>) {
        let (kind, text) = credential.parts();
        self.forget(|kept| kept.kind != kind || *kept.credential != *text);
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        self.forget(|_| false);
    }

    /// Returns the caller token, kept or asked for.
    pub(crate) async fn find(&self, question: Question<'_>, now: Instant) -> Result<Found, Denied> {
        let inner = &*self.0;
        let key = inner.hasher.hash_one((question.credential, question.host));
        if let Some(kept) = inner.known(key, question, now) {
            inner.kept.increment();
            if now >= kept.renewed_from && !kept.renewing.swap(true, Ordering::Relaxed) {
                self.renew(key, Arc::clone(&kept));
            }
            return kept.answer.clone();
        }
        let generation = inner.generation.load(Ordering::Acquire);
        // Whoever asks the same at the same time waits for the one who asked first.
        match inner.entries.get_value_or_guard_async(&key).await {
            Ok(kept) if kept.answers(question, now) => kept.answer.clone(),
            Ok(_) => inner.ask(question).await.answer,
            Err(guard) => {
                let kept = Arc::new(inner.ask(question).await);
                if inner.generation.load(Ordering::Acquire) == generation {
                    let _ = guard.insert(Arc::clone(&kept));
                }
                kept.answer.clone()
            }
        }
    }

    fn renew(&self, key: u64, kept: Arc<Kept>) {
        const RENEWAL: TaskKind = TaskKind::new("gateway-caller-renewal", OnError::Log);
        let inner = Arc::clone(&self.0);
        runtime::spawn(RENEWAL, async move {
            let generation = inner.generation.load(Ordering::Acquire);
            let renewed = inner.ask(kept.question()).await;
            // The old answer holds to its end when identity cannot say now.
            let known = renewed.answer != Err(Denied::Unavailable);
            if known && inner.generation.load(Ordering::Acquire) == generation {
                inner.entries.insert(key, Arc::new(renewed));
            }
        });
    }

    fn forget(&self, keep: impl Fn(&Kept) -> bool) {
        self.0.generation.fetch_add(1, Ordering::AcqRel);
        self.0.entries.retain(|_, kept| keep(kept));
    }
}

impl Inner {
    fn known(&self, key: u64, question: Question<'_>, now: Instant) -> Option<Arc<Kept>> {
        let kept = self.entries.get(&key)?;
        if kept.answers(question, now) {
            return Some(kept);
        }
        self.entries.remove(&key);
        None
    }

    async fn ask(&self, question: Question<'_>) -> Kept {
        self.asked.increment();
        let (kind, credential) = question.credential.parts();
        let (answer, time) = match self.authenticate.authenticate(question).await {
            Ok(Authenticated { mut token, subject, tenant, lifetime }) => {
                token.set_sensitive(true);
                (Ok(Found { token, subject, tenant }), self.kept_max.min(lifetime / 2))
            }
            Err(denied) => {
                self.refused.increment();
                (Err(denied), REFUSAL_KEPT.min(self.kept_max))
            }
        };
        let now = Instant::now();
        let (until, early) = (now + time, if answer.is_ok() { time / RENEWED_EARLY } else { Duration::ZERO });
        Kept {
            kind,
            credential: credential.into(),
            host: question.host.into(),
            answer,
            until,
            renewed_from: until.checked_sub(early).unwrap_or(now),
            renewing: AtomicBool::new(false),
        }
    }
}

impl Kept {
    /// Returns what it answers.
    fn question(&self) -> Question<'_> {
        let credential = match self.kind {
            0 => Credential::None,
            1 => Credential::Cookie(&self.credential),
            _ => Credential::Bearer(&self.credential),
        };
        Question { credential, host: &self.host }
    }

    fn subject(&self) -> Option<Uuid> {
        self.answer.as_ref().ok()?.subject
    }

    fn answers(&self, question: Question<'_>, now: Instant) -> bool {
        let (kind, credential) = question.credential.parts();
        let same = self.kind == kind && *self.credential == *credential && *self.host == *question.host;
        same && now < self.until
    }
}

impl<'a> Credential<'a> {
    fn parts(self) -> (u8, &'a str) {
        match self {
            Self::None => (0, ""),
            Self::Cookie(text) => (1, text),
            Self::Bearer(text) => (2, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::FutureExt;

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Authenticate for Counting {
        fn authenticate<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>> {
            async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let count = self.0.fetch_add(1, Ordering::SeqCst);
                if question.credential == Credential::Bearer("bad") {
                    return Err(Denied::Credential);
                }
                let token = HeaderValue::from_str(&format!("{count} {:?}", question.credential.parts())).unwrap();
                Ok(Authenticated {
                    token,
                    subject: Some(Uuid::from_u128(7)),
                    tenant: None,
                    lifetime: Duration::from_mins(1),
                })
            }
            .boxed()
        }
    }

    fn callers() -> (Callers, Arc<Counting>) {
        let counting = Arc::new(Counting::default());
        (Callers::new(counting.clone(), &settings::Callers::default()), counting)
    }

    async fn ask(callers: &Callers, credential: Credential<'_>) -> Result<Found, Denied> {
        callers.find(Question { credential, host: "a" }, Instant::now()).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_a_few_seconds_and_asked_once_at_a_time() {
        let (callers, counting) = callers();
        let cookie = Credential::Cookie("c");
        let (one, two) = tokio::join!(ask(&callers, cookie), ask(&callers, cookie));
        assert_eq!(one, two);
        assert_eq!(one, ask(&callers, cookie).await);
        assert_eq!(counting.0.load(Ordering::SeqCst), 1);
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_ne!(one, ask(&callers, cookie).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_used_near_its_end_is_renewed_while_nobody_waits() {
        let (callers, counting) = callers();
        let cookie = Credential::Cookie("c");
        let first = ask(&callers, cookie).await;
        tokio::time::sleep(Duration::from_millis(4_500)).await;
        let before = Instant::now();
        assert_eq!((ask(&callers, cookie).await, before.elapsed()), (first.clone(), Duration::ZERO));
        assert_eq!(ask(&callers, cookie).await, first);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = Instant::now();
        assert_ne!((ask(&callers, cookie).await, before.elapsed()), (first, Duration::ZERO));
        assert_eq!((before.elapsed(), counting.0.load(Ordering::SeqCst)), (Duration::ZERO, 2));
        let bad = Credential::Bearer("bad");
        let refused = ask(&callers, bad).await;
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_eq!((ask(&callers, bad).await, counting.0.load(Ordering::SeqCst)), (refused, 3), "refusals end");
    }

    #[tokio::test(start_paused = true)]
    async fn different_credentials_and_hosts_have_different_answers() {
        let (callers, counting) = callers();
        for credential in [Credential::None, Credential::Cookie("c"), Credential::Bearer("c")] {
            for host in ["a", "b"] {
                let _ = callers.find(Question { credential, host }, Instant::now()).await;
            }
        }
        assert_eq!(counting.0.load(Ordering::SeqCst), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_forgotten_subject_is_asked_for_again_even_when_the_answer_was_on_its_way() {
        let (callers, _) = callers();
        let cookie = Credential::Cookie("c");
        let first = ask(&callers, cookie).await;
        callers.forget_subject(Uuid::from_u128(8));
        assert_eq!(first, ask(&callers, cookie).await);
        callers.forget_subject(Uuid::from_u128(7));
        let (second, ()) = tokio::join!(ask(&callers, cookie), async { callers.forget_all() });
        assert_ne!(first, second);
        assert_ne!(second, ask(&callers, cookie).await);
        callers.forget_credential(cookie);
        assert_ne!(second, ask(&callers, cookie).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_kept_for_a_moment_only() {
        let (callers, counting) = callers();
        let bad = Credential::Bearer("bad");
        let refused = tokio::join!(ask(&callers, bad), ask(&callers, bad), ask(&callers, bad));
        assert_eq!(refused, (Err(Denied::Credential), Err(Denied::Credential), Err(Denied::Credential)));
        assert_eq!(counting.0.load(Ordering::SeqCst), 1);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(ask(&callers, bad).await, Err(Denied::Credential));
        assert_eq!(counting.0.load(Ordering::SeqCst), 2);
    }
}
