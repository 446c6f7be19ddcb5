//! Sign in with e-mail and password.
//!
//! An attempt counts before the password is looked at and is taken back when it was right. A person who does not exist, has
//! no password or may not sign in costs the same work and gets the same answer as one with a wrong password.

use base::{Caller, Once, PersonId, TenantId};
use contracts::ids::SessionId;
use crypto::{Secret, digest, password::Verdict};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use storage::Tx;
use uuid::Uuid;

use crate::{
    actions::record,
    actions::state::{Guess, Identity},
    error::{Error, Result},
    model::{
        credential::Credential,
        email,
        person::Status,
        session::{Limits, Session},
        throttle,
    },
    store,
};

/// What is needed to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub email: String,
    pub password: Secret,
    pub from: Origin,
    /// The session that this browser had before; it ends.
    pub replaces: Option<Uuid>,
}

/// Where a request came from, as far as it is kept.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub address: String,
    /// Browser and system.
    pub device: String,
}

/// A session, and the credential that only its browser gets.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub person: PersonId,
    pub session: SessionId,
    pub credential: Credential,
}

/// Signs somebody in to `tenant`.
pub async fn sign_in(
    identity: &Identity,
    caller: &Caller,
    tenant: TenantId,
    once: Option<Once>,
    command: SignIn,
) -> Result<SignedIn> {
    let nobody = Caller::nobody(tenant, caller.request());
    let typed = email::normalise(&command.email).unwrap_or_default();
    let guess = identity.guess("sign-in", tenant, &typed, &command.from.address);
    let known = identity.write(&nobody, None, move |tx| begin(tx, typed, guess).boxed()).await?;
    let stored = known.as_ref().and_then(|known| known.hash.as_deref());
    let verdict = match identity.passwords().verify(&command.password, stored).await {
        Ok(verdict) => verdict,
        Err(busy) => {
            identity.write(&nobody, None, move |tx| take_back(tx, guess).boxed()).await?;
            return Err(busy.into());
        }
    };
    let (Verdict::Right { rehash }, Some(Known { person, .. })) = (verdict, &known) else {
        let person = known.map(|known| known.person);
        identity.write(&nobody, None, move |tx| record::refused(tx, "identity.session.create", person).boxed()).await?;
        return Err(Error::WrongCredentials);
    };
    let rehashed = if rehash { Some(identity.passwords().hash(&command.password).await?) } else { None };
    open(identity, &nobody, once, Opening { person: *person, guess, rehashed, command }).await
}

/// A person who tries to sign in.
#[derive(Serialize, Deserialize)]
struct Known {
    person: PersonId,
    /// Absent when the person may not sign in with a password.
    hash: Option<String>,
}

async fn begin(tx: &mut Tx, email: String, guess: Guess) -> Result<Option<Known>> {
    let locks = [
        store::attempt::locked_until(tx, &guess.account).await?,
        store::attempt::locked_until(tx, &guess.address).await?,
    ];
    if let Some(until) = locks.into_iter().flatten().max() {
        return Err(Error::TooManyAttempts { wait_seconds: until.since(tx.now()).as_secs() + 1 });
    }
    store::attempt::count(tx, &guess.account, throttle::ACCOUNT).await?;
    store::attempt::count(tx, &guess.address, throttle::ADDRESS).await?;
    let Some(person) = store::person::find_by_email(tx, &email).await? else { return Ok(None) };
    let hash = if person.status == Status::Active { store::password::find(tx, person.id).await? } else { None };
    Ok(Some(Known { person: person.id, hash }))
}

async fn take_back(tx: &mut Tx, guess: Guess) -> Result<()> {
    store::attempt::take_back(tx, &guess.account).await?;
    Ok(store::attempt::take_back(tx, &guess.address).await?)
}

/// Somebody whose password was right.
struct Opening {
    person: PersonId,
    guess: Guess,
    rehashed: Option<String>,
    command: SignIn,
}

/// The answer that is kept for a repeated request: no secret is in it.
#[derive(Serialize, Deserialize)]
struct Opened {
    session: SessionId,
    digest: String,
}

async fn open(identity: &Identity, nobody: &Caller, once: Option<Once>, opening: Opening) -> Result<SignedIn> {
    let person = opening.person;
    let credential = identity.credential(nobody.tenant());
    let (secret, limits) = (credential.digest(), identity.settings().session_limits());
    let opened = identity.write(nobody, once, move |tx| save(tx, opening, secret, limits).boxed()).await?;
    if opened.digest != digest::hex(&secret) {
        // A repetition of a request whose answer was lost: the same session, with a secret that the browser gets this time.
        let session = opened.session;
        identity.write(nobody, None, move |tx| replace_secret(tx, session, secret).boxed()).await?;
    }
    Ok(SignedIn { person, session: opened.session, credential })
}

async fn save(tx: &mut Tx, opening: Opening, secret: [u8; 32], limits: Limits) -> Result<Opened> {
    let Opening { person, guess, rehashed, command } = opening;
    store::attempt::clear(tx, &guess.account).await?;
    store::attempt::take_back(tx, &guess.address).await?;
    if let Some(hash) = rehashed {
        store::password::set(tx, person, &hash).await?;
    }
    store::session::forget_expired(tx, person).await?;
    if let Some(old) = command.replaces {
        store::session::delete(tx, person, old.into()).await?;
    }
    let now = tx.now();
    let session = Session {
        id: tx.id(),
        person,
        device: command.from.device,
        address: command.from.address,
        created_at: now,
        seen_at: now,
        expires_at: now + limits.absolute,
    };
    store::session::insert(tx, &session, &secret).await?;
    let detail = serde_json::json!({ "session": session.id });
    record::with(tx, "identity.session.create", person, &detail).await?;
    Ok(Opened { session: session.id, digest: digest::hex(&secret) })
}

async fn replace_secret(tx: &mut Tx, session: SessionId, secret: [u8; 32]) -> Result<()> {
    Ok(store::session::set_digest(tx, session, &secret).await?)
}
