//! What identity is made of, and how its units of work are run.

use std::sync::Arc;

use base::{Ambient, Caller, Once, TenantId};
use contracts::passes::MAIL_LINK_PURPOSE;
use crypto::{CallerTokens, DigestKey, Keyring, OpaqueToken, Passwords, SealKey, Secret};
use serde::{Serialize, de::DeserializeOwned};
use storage::{Database, Tx, Work};

use crate::{
    error::{Error, Result},
    model::credential::Credential,
    settings::Settings,
};

/// What the process hands to identity.
#[derive(Clone)]
pub struct Parts {
    /// Opened with [`schemas`](crate::schemas).
    pub db: Database,
    pub keyring: Keyring,
    pub passwords: Passwords,
    pub settings: Settings,
}

/// Identity at work. Cloning is cheap.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    db: Database,
    passwords: Passwords,
    settings: Settings,
    callers: CallerTokens,
    attempts: DigestKey,
    once: DigestKey,
    links: SealKey,
    made_tokens: SealKey,
    internal: Vec<Secret>,
}

/// The two things that an attempt counts against, as keyed digests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guess {
    pub(crate) account: [u8; 32],
    pub(crate) address: [u8; 32],
}

impl Identity {
    /// Puts identity together.
    pub fn new(parts: Parts) -> Self {
        let Parts { db, keyring, passwords, settings } = parts;
        Self(Arc::new(Inner {
            db,
            passwords,
            settings,
            callers: CallerTokens::new(&keyring),
            attempts: keyring.digest_key("identity-attempts"),
            once: keyring.digest_key("identity-once"),
            links: keyring.seal_key(MAIL_LINK_PURPOSE),
            made_tokens: keyring.seal_key("identity-made-token"),
            internal: crate::api::internal::accepted_keys(&keyring),
        }))
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    pub(crate) fn ambient(&self) -> &Ambient {
        self.0.db.ambient()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn callers(&self) -> &CallerTokens {
        &self.0.callers
    }

    /// Returns the keys that the gateway may show; its primary root may be another than ours.
    pub(crate) fn internal_keys(&self) -> &[Secret] {
        &self.0.internal
    }

    /// Returns the key that links in mails are sealed with.
    pub(crate) fn links(&self) -> SealKey {
        self.0.links.clone()
    }

    /// Returns the key that the secret of a token just made is sealed with, until no repetition can ask for it.
    pub(crate) fn made_tokens(&self) -> SealKey {
        self.0.made_tokens.clone()
    }

    /// Makes a new credential of a tenant.
    pub(crate) fn credential(&self, tenant: TenantId) -> Credential {
        Credential { tenant, secret: OpaqueToken::generate(self.ambient()) }
    }

    /// Returns what an attempt on this account from this address counts against. `what` keeps sign-in and reset apart.
    pub(crate) fn guess(&self, what: &str, tenant: TenantId, account: &str, address: &str) -> Guess {
        let digest =
            |kind: &str, text: &str| self.0.attempts.digest(format!("{what}\0{kind}\0{tenant}\0{text}").as_bytes());
        Guess { account: digest("account", account), address: digest("address", address) }
    }

    /// Runs a unit that only reads; a denial is written to the audit record.
    pub(crate) async fn read<T>(
        &self,
        caller: &Caller,
        work: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, Error>,
    ) -> Result<T> {
        let outcome = self.db().read(caller, work).await;
        self.with_denial_noted(caller, outcome).await
    }

    /// Runs a unit that may write, once for each key; a denial is written to the audit record.
    pub(crate) async fn write<T, W>(&self, caller: &Caller, once: Option<Once>, work: W) -> Result<T>
    where
        W: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, Error> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let outcome = self.db().write_once(caller, once.map(|once| self.keyed(once)), work).await;
        self.with_denial_noted(caller, outcome).await
    }

    /// The request's fingerprint is a plain digest of a body that may hold a password; what is stored must not help anybody
    /// to find that password faster than its Argon2 hash does.
    fn keyed(&self, once: Once) -> Once {
        Once { fingerprint: self.0.once.digest(&once.fingerprint), ..once }
    }

    async fn with_denial_noted<T>(&self, caller: &Caller, outcome: Result<T>) -> Result<T> {
        if let Err(Error::Denied(denied)) = &outcome {
            audit::denied(self.db(), caller, audit::Entry::new(denied.action)).await?;
        }
        outcome
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
