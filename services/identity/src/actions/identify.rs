//! Say who a credential belongs to: what the gateway asks, and may remember for some seconds.

use std::{sync::Arc, time::Duration};

use base::{Caller, PersonId, RequestId, TenantId, Timestamp, caller};
use contracts::ids::{ApiTokenId, SessionId};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use storage::{Tx, directory::Tenant};

use crate::{
    actions::state::Identity,
    error::Result,
    model::{
        credential::Credential,
        membership::Membership,
        person::{Person, Status},
    },
    store,
};

/// How long a caller token is good: long enough for a request, too short to be worth stealing.
pub const CALLER_TOKEN_LIFE: Duration = Duration::from_mins(1);
/// An API token's last use is written down at most this often.
const USED_EVERY: Duration = Duration::from_hours(1);

/// What the gateway found in a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Value of the session cookie.
    pub cookie: Option<String>,
    /// What follows `Bearer ` in the Authorization header.
    pub bearer: Option<String>,
    /// The Host header.
    pub host: Option<String>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The signed caller, for the header `fpms-caller`.
    pub token: String,
    /// Seconds for which it is good.
    pub lifetime_seconds: u64,
    /// The person signed in, if any.
    pub person: Option<PersonId>,
    /// The tenant; all zeros when nothing tells which.
    pub tenant: TenantId,
    /// True when a credential was shown and is not, or no longer, good.
    pub refused: bool,
}

/// Says who asks. A credential that is not good makes a caller who is nobody: whether that suffices is the route's affair.
pub async fn identify(identity: &Identity, asked: Asked, request: RequestId) -> Result<Answer> {
    let now = identity.ambient().now();
    let shown = asked.bearer.as_deref().or(asked.cookie.as_deref());
    let credential = shown.and_then(Credential::parse);
    let hinted = credential.as_ref().and_then(|credential| identity.db().directory().tenant(credential.tenant));
    let tenant = match &hinted {
        Some(tenant) => tenant.id,
        None => by_host(identity, asked.host.as_deref()).map_or(TenantId::from_u128(0), |tenant| tenant.id),
    };
    let nobody = Caller::nobody(tenant, request);
    let found = match credential.filter(|_| hinted.is_some()) {
        Some(credential) => find(identity, &nobody, &credential, asked.bearer.is_some()).await?,
        None => None,
    };
    let refused = shown.is_some() && found.is_none();
    let until = now + CALLER_TOKEN_LIFE;
    let (caller, until) = match found {
        Some(found) => (Caller::person(tenant, found.person, request), until.min(found.until)),
        None => (nobody, until),
    };
    let token = identity.callers().seal(&caller, until)?;
    let lifetime_seconds = until.since(now).as_secs();
    Ok(Answer { token, lifetime_seconds, person: caller.person_id(), tenant, refused })
}

/// Returns the tenant whose host name this is, or the only one.
fn by_host(identity: &Identity, host: Option<&str>) -> Option<Arc<Tenant>> {
    let directory = identity.db().directory();
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase());
    let own = name.and_then(|name| directory.by_domain(&name));
    own.or_else(|| match directory.tenants().as_slice() {
        [only] => Some(Arc::clone(only)),
        _ => None,
    })
}

/// A person found by a credential, and when it ends.
struct Found {
    person: caller::Person,
    until: Timestamp,
    stale: Option<Stale>,
}

/// What should be written down about the credential's use.
#[derive(Clone, Copy)]
enum Stale {
    Session(SessionId),
    Token(ApiTokenId),
}

async fn find(identity: &Identity, nobody: &Caller, credential: &Credential, bearer: bool) -> Result<Option<Found>> {
    let digest = credential.digest();
    let limits = identity.settings().session_limits();
    let found = if bearer {
        identity.read(nobody, |tx| by_token(tx, digest).boxed()).await?
    } else {
        identity.read(nobody, |tx| by_session(tx, digest, limits).boxed()).await?
    };
    if let Some(stale) = found.as_ref().and_then(|found| found.stale) {
        identity.write(nobody, None, move |tx| touch(tx, stale).boxed()).await?;
    }
    Ok(found)
}

async fn by_session(tx: &mut Tx, digest: [u8; 32], limits: crate::model::session::Limits) -> Result<Option<Found>> {
    let now = tx.now();
    let session = store::session::find_by_digest(tx, &digest).await?;
    let Some(session) = session.filter(|session| session.is_live(limits, now)) else { return Ok(None) };
    let Some((person, memberships)) = active(tx, session.person).await? else { return Ok(None) };
    let stale = session.is_seen_again(now).then_some(Stale::Session(session.id));
    let person = as_caller(person, &memberships, base::Id::uuid(session.id), None);
    Ok(Some(Found { person, until: session.expires_at, stale }))
}

async fn by_token(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<Found>> {
    let now = tx.now();
    let token = store::api_token::find_by_digest(tx, &digest).await?;
    let Some(token) = token.filter(|token| now < token.expires_at) else { return Ok(None) };
    let Some((person, memberships)) = active(tx, token.person).await? else { return Ok(None) };
    let used_again = token.used_at.is_none_or(|used_at| now.since(used_at) >= USED_EVERY);
    let stale = used_again.then_some(Stale::Token(token.id));
    let person = as_caller(person, &memberships, base::Id::uuid(token.id), Some(token.scopes));
    Ok(Some(Found { person, until: token.expires_at, stale }))
}

async fn active(tx: &mut Tx, id: PersonId) -> Result<Option<(Person, Vec<Membership>)>> {
    let person = store::person::find(tx, id).await?.filter(|person| person.status == Status::Active);
    let Some(person) = person else { return Ok(None) };
    let memberships = store::membership::in_force(tx, id).await?;
    Ok(Some((person, memberships)))
}

fn as_caller(
    person: Person,
    memberships: &[Membership],
    credential: uuid::Uuid,
    scopes: Option<Vec<String>>,
) -> caller::Person {
    caller::Person {
        id: person.id,
        name: person.name.full,
        language: person.language,
        grants: memberships.iter().map(Membership::grant).collect(),
        credential,
        scopes,
    }
}

async fn touch(tx: &mut Tx, stale: Stale) -> Result<()> {
    match stale {
        Stale::Session(id) => Ok(store::session::touch(tx, id).await?),
        Stale::Token(id) => Ok(store::api_token::touch(tx, id).await?),
    }
}
