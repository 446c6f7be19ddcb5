//! The actions against a real database: SQLite in a folder of its own.

mod accounts;
mod over_http;
mod roster;
mod signing_in;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base::{Ambient, Caller, Clock, Once, RequestId, TenantId, Timestamp};
use crypto::{
    Keyring, Passwords, Secret, SystemRandom,
    password::{Cost, Limits},
};
use storage::{Storage, directory::NewTenant};
use tempfile::TempDir;

use crate::{
    Identity, Parts, Result, Settings,
    actions::{
        identify::{self, Asked},
        sign_in::{self, Origin, SignIn, SignedIn},
        tenants::{self, CreatedUser, NewUser},
    },
    model::{membership::NewMembership, person::ProfileInput},
};

const PASSWORD: &str = "river flood levels";

struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// One university with one administrator, `ada@uni.example`.
struct World {
    identity: Identity,
    tenant: TenantId,
    administrator: CreatedUser,
    clock: Arc<StoppedClock>,
    _data: TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(StoppedClock(AtomicI64::new(1_800_000_000_000_000)));
        let ambient = Ambient::new(clock.clone(), Arc::new(SystemRandom));
        let storage = Storage::open(storage::Settings::embedded(data.path()), ambient).await.unwrap();
        let db = storage.database("identity", &crate::schemas()).await.unwrap();
        let keyring = Keyring::from_secret(&Secret::new("k".repeat(43))).unwrap();
        let limits = Limits { at_once: 2, waiting_max: 16, patience: Duration::from_secs(30) };
        let passwords = Passwords::new(Cost { memory_kib: 64, passes: 1, lanes: 1 }, limits);
        let identity = Identity::new(Parts { db, keyring, passwords, settings: Settings::default() });
        let ada = user("Lovelace", "Ada", "ada@uni.example");
        let created = tenants::create_tenant(&identity, university("uni"), ada).await.unwrap();
        Self { identity, tenant: created.tenant.id, administrator: created.administrator, clock, _data: data }
    }

    fn wait(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    fn request(&self) -> RequestId {
        self.identity.ambient().id()
    }

    fn nobody(&self) -> Caller {
        Caller::nobody(self.tenant, self.request())
    }

    async fn sign_in(&self, email: &str, password: &str, once: Option<Once>) -> Result<SignedIn> {
        let from = Origin { address: "192.0.2.7".to_owned(), device: "Firefox, Linux".to_owned() };
        let command = SignIn { email: email.to_owned(), password: password.into(), from, replaces: None };
        sign_in::sign_in(&self.identity, &self.nobody(), self.tenant, once, command).await
    }

    /// The caller that the gateway would make of a cookie.
    async fn caller_of(&self, cookie: &str) -> Caller {
        self.asked(Asked { cookie: Some(cookie.to_owned()), ..Asked::default() }).await
    }

    async fn asked(&self, asked: Asked) -> Caller {
        let answer = identify::identify(&self.identity, asked, self.request()).await.unwrap();
        self.identity.callers().open(&answer.token, self.request(), self.identity.ambient().now()).unwrap()
    }

    async fn ada(&self) -> Caller {
        let signed_in = self.sign_in("ada@uni.example", PASSWORD, None).await.unwrap();
        self.caller_of(&signed_in.credential.expose()).await
    }

    /// Adds a person with a password and one role in the whole university.
    async fn add(&self, given: &str, role: &str) -> CreatedUser {
        let mut new = user("Doe", given, &format!("{}@uni.example", given.to_lowercase()));
        new.memberships = vec![NewMembership::everywhere(role)];
        tenants::create_user(&self.identity, self.tenant, new).await.unwrap()
    }
}

fn university(slug: &str) -> NewTenant {
    NewTenant {
        slug: slug.to_owned(),
        name: "University".to_owned(),
        name_local: "ມະຫາວິທະຍາໄລ".to_owned(),
        language: "lo".to_owned(),
        zone: "Asia/Vientiane".to_owned(),
        domains: vec![format!("{slug}.example")],
    }
}

fn user(family: &str, given: &str, email: &str) -> NewUser {
    let profile = ProfileInput {
        family_name: family.to_owned(),
        given_name: given.to_owned(),
        email: email.to_owned(),
        language: "en".to_owned(),
        ..ProfileInput::default()
    };
    NewUser { profile, memberships: Vec::new(), password: Some(PASSWORD.into()) }
}

fn once(key: &str) -> Once {
    Once { key: key.to_owned(), fingerprint: [7; 32] }
}
