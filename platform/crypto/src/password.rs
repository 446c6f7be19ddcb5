//! Passwords as Argon2id hashes, computed a few at a time: each costs memory, and many at once would be a way to take the
//! node down.
//!
//! Work runs on blocking threads behind a semaphore; those who wait are bounded in number and in time, and the rest are told
//! at once to come back. An unknown person costs the same work as a known one.

use std::{fmt, sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base::Random;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Secret, SystemRandom};

/// Longest password that is hashed, in bytes; longer ones are refused before they cost anything.
pub const PASSWORD_BYTES_MAX: usize = 1024;

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// OWASP's floor for Argon2id: 19 MiB, two passes, one lane.
    pub const RECOMMENDED: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
}

/// How much password work is done and waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Hashes computed at once.
    pub at_once: usize,
    /// Callers that may wait for their turn.
    pub waiting_max: usize,
    /// How long a caller waits for its turn.
    pub patience: Duration,
}

impl Limits {
    /// Returns the limits for a node with this many cores: one hash a core, and two seconds' worth of waiting.
    pub fn for_cores(cores: usize) -> Self {
        let at_once = cores.max(1);
        Self { at_once, waiting_max: at_once * 64, patience: Duration::from_secs(4) }
    }
}

/// Why no answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many are waiting; a retry may help.
    #[error("too many passwords are being checked")]
    Busy,
    /// The password is longer than [`PASSWORD_BYTES_MAX`].
    #[error("the password is too long")]
    TooLong,
    /// The stored hash is none, or the library failed.
    #[error("the password hash cannot be computed")]
    Broken,
}

/// Whether a password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was; `rehash` says that the stored hash costs less than is wanted now, so that it should be made again.
    Right {
        /// The stored hash should be made again.
        rehash: bool,
    },
    /// It was not, or there is no such person.
    Wrong,
}

/// Hashes and checks passwords. Cloning is cheap.
#[derive(Clone)]
pub struct Passwords {
    cost: Cost,
    limits: Limits,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    random: Arc<dyn Random>,
}

impl Passwords {
    /// Returns a hasher of this cost within these limits.
    pub fn new(cost: Cost, limits: Limits) -> Self {
        Self::with_random(cost, limits, Arc::new(SystemRandom))
    }

    /// Returns a hasher whose salts come from `random`.
    pub fn with_random(cost: Cost, limits: Limits, random: Arc<dyn Random>) -> Self {
        Self {
            cost,
            limits,
            turns: Arc::new(Semaphore::new(limits.at_once)),
            places: Arc::new(Semaphore::new(limits.at_once + limits.waiting_max)),
            random,
        }
    }

    /// Returns the hash of `password` as a PHC string.
    pub async fn hash(&self, password: &Secret) -> Result<String, Error> {
        let (cost, password) = (self.cost, bounded(password)?);
        let mut salt = [0; SALT_BYTES];
        self.random.fill(&mut salt);
        self.in_turn(move || hash(cost, &password, &salt)).await?
    }

    /// Says whether `password` is the one that was `stored`; `None` costs as much as any and is always wrong.
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<Verdict, Error> {
        let (cost, password) = (self.cost, bounded(password)?);
        let stored = stored.map(str::to_owned);
        self.in_turn(move || match stored {
            Some(stored) => verify(cost, &password, &stored),
            None => hash(cost, &password, &[0; SALT_BYTES]).map(|_| Verdict::Wrong),
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        let turn = tokio::time::timeout(self.limits.patience, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
        // The permits move with the work: a caller that goes away does not make room before the memory is free.
        let held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, turn);
        let task = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(held);
            outcome
        });
        task.await.map_err(|_| Error::Broken)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("cost", &self.cost).field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn bounded(password: &Secret) -> Result<Secret, Error> {
    if password.expose().len() > PASSWORD_BYTES_MAX { Err(Error::TooLong) } else { Ok(password.clone()) }
}

fn argon2(cost: Cost) -> Result<Argon2<'static>, Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(OUTPUT_BYTES));
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| Error::Broken)?))
}

fn hash(cost: Cost, password: &Secret, salt: &[u8]) -> Result<String, Error> {
    let hash: PasswordHash =
        argon2(cost)?.hash_password_with_salt(password.expose().as_bytes(), salt).map_err(|_| Error::Broken)?;
    Ok(hash.to_string())
}

fn verify(cost: Cost, password: &Secret, stored: &str) -> Result<Verdict, Error> {
    let parsed = PasswordHash::new(stored).map_err(|_| Error::Broken)?;
    match argon2(cost)?.verify_password(password.expose().as_bytes(), &parsed) {
        Ok(()) => Ok(Verdict::Right { rehash: !is_current(cost, &parsed) }),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(_) => Err(Error::Broken),
    }
}

fn is_current(cost: Cost, stored: &PasswordHash) -> bool {
    let Ok(params) = Params::try_from(stored) else { return false };
    let of_stored = Cost { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
    stored.algorithm.as_str() == "argon2id" && of_stored == cost
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
    const LIMITS: Limits = Limits { at_once: 1, waiting_max: 1, patience: Duration::from_millis(50) };

    fn passwords() -> Passwords {
        Passwords::new(CHEAP, Limits { waiting_max: 8, patience: Duration::from_secs(30), ..LIMITS })
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_others_are_wrong() {
        let stored = passwords().hash(&"ລະຫັດລັບຂອງຂ້ອຍ".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        let verdict = |password: &'static str, stored: Option<String>| async move {
            passwords().verify(&password.into(), stored.as_deref()).await
        };
        assert_eq!(verdict("ລະຫັດລັບຂອງຂ້ອຍ", Some(stored.clone())).await, Ok(Verdict::Right { rehash: false }));
        assert_eq!(verdict("ລະຫັດລັບຂອງຂ້ອຍ ", Some(stored.clone())).await, Ok(Verdict::Wrong));
        assert_eq!(verdict("", Some(stored)).await, Ok(Verdict::Wrong));
        assert_eq!(verdict("anything", None).await, Ok(Verdict::Wrong));
        assert_eq!(verdict("anything", Some("plain text".to_owned())).await, Err(Error::Broken));
    }

    #[tokio::test]
    async fn the_same_password_never_has_the_same_hash() {
        let (first, second) = (passwords().hash(&"same".into()).await, passwords().hash(&"same".into()).await);
        assert_ne!(first.unwrap(), second.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_to_be_made_again() {
        let stored = passwords().hash(&"secret".into()).await.unwrap();
        let dearer = Passwords::new(Cost { passes: 2, ..CHEAP }, LIMITS);
        assert_eq!(dearer.verify(&"secret".into(), Some(&stored)).await, Ok(Verdict::Right { rehash: true }));
    }

    #[tokio::test]
    async fn a_password_too_long_costs_nothing() {
        let long = Secret::new("x".repeat(PASSWORD_BYTES_MAX + 1));
        assert_eq!(passwords().hash(&long).await, Err(Error::TooLong));
    }

    #[tokio::test]
    async fn those_beyond_the_queue_are_sent_away_and_those_in_it_lose_patience() {
        let passwords = Passwords::new(CHEAP, LIMITS);
        let turn = Arc::clone(&passwords.turns).acquire_owned().await.unwrap();
        let password = Secret::new("a");
        let (first, second, third) =
            tokio::join!(passwords.hash(&password), passwords.hash(&password), passwords.hash(&password));
        assert_eq!([first, second, third].map(Result::err), [Some(Error::Busy); 3]);
        drop(turn);
        assert!(passwords.hash(&"d".into()).await.is_ok());
    }
}
