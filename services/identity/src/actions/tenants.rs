//! Add a university and its first administrator; add people from the command line.

use std::sync::Arc;

use base::{Caller, PersonId, TenantId};
use contracts::roles::names::ADMINISTRATOR;
use crypto::{SealKey, Secret};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use storage::{
    Tx,
    directory::{NewTenant, Tenant},
};

use crate::{
    actions::state::Identity,
    actions::{
        memberships, passwords,
        people::{self, NewPerson, Saved},
    },
    error::{Error, Result},
    model::{membership::NewMembership, person::ProfileInput},
    store::person,
};

/// On whose behalf the command line acts, for the audit record.
const COMMAND_LINE: &str = "command-line";

/// A university that was added.
#[derive(Debug, Clone)]
pub struct CreatedTenant {
    pub tenant: Arc<Tenant>,
    pub administrator: CreatedUser,
}

/// A person that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedUser {
    pub person: Saved,
    /// Path of the invitation, when the person has yet to choose a password.
    pub invitation: Option<String>,
}

/// A person to be added from the command line.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub profile: ProfileInput,
    pub memberships: Vec<NewMembership>,
    /// Without one, an invitation is made.
    pub password: Option<Secret>,
}

/// Adds a university with its first administrator.
pub async fn create_tenant(identity: &Identity, new: NewTenant, administrator: NewUser) -> Result<CreatedTenant> {
    // Everything that can be refused is, before there is a university without an administrator.
    administrator.profile.check().map_err(Error::Fields)?;
    let administrator = NewUser { memberships: vec![NewMembership::everywhere(ADMINISTRATOR)], ..administrator };
    let user = prepared(identity, administrator).await?;
    let tenant = identity.db().directory().create(new).await?;
    let administrator = save(identity, tenant.id, user).await?;
    Ok(CreatedTenant { tenant, administrator })
}

/// Adds a person to a university.
pub async fn create_user(identity: &Identity, tenant: TenantId, new: NewUser) -> Result<CreatedUser> {
    let user = prepared(identity, new).await?;
    save(identity, tenant, user).await
}

/// Makes a person of a university an operator of the whole installation.
pub async fn make_operator(identity: &Identity, tenant: TenantId, person: PersonId) -> Result<()> {
    let caller = Caller::system(tenant, COMMAND_LINE, identity.ambient().id());
    identity.write(&caller, None, move |tx| memberships::add_operator(tx, person).boxed()).await
}

/// Returns whether a university has somebody with this mail address.
pub async fn is_known(identity: &Identity, tenant: TenantId, email: &'static str) -> Result<bool> {
    let caller = Caller::system(tenant, COMMAND_LINE, identity.ambient().id());
    identity.read(&caller, |tx| async move { Ok(person::find_by_email(tx, email).await?.is_some()) }.boxed()).await
}

/// Checks and hashes the password, which must not happen within a transaction.
async fn prepared(identity: &Identity, new: NewUser) -> Result<NewPerson> {
    let NewUser { profile, memberships, password } = new;
    let about = [&profile.name, &profile.family_name, &profile.given_name, &profile.email].map(String::as_str);
    let password_hash = match &password {
        Some(password) => Some(passwords::hash_chosen(identity, password, &about).await?),
        None if profile.email.trim().is_empty() => return Err(Error::field("email", "required")),
        None => None,
    };
    Ok(NewPerson { profile, memberships, invite: false, password_hash })
}

async fn save(identity: &Identity, tenant: TenantId, user: NewPerson) -> Result<CreatedUser> {
    let caller = Caller::system(tenant, COMMAND_LINE, identity.ambient().id());
    let links = identity.links();
    identity.write(&caller, None, move |tx| create(tx, links, user).boxed()).await
}

async fn create(tx: &mut Tx, links: SealKey, user: NewPerson) -> Result<CreatedUser> {
    let invited = user.password_hash.is_none();
    let saved = people::create_person(tx, links.clone(), user).await?;
    let invitation = if invited {
        let person = people::existing(tx, saved.id).await?;
        Some(people::invite(tx, &links, &person).await?.expose().to_owned())
    } else {
        None
    };
    Ok(CreatedUser { person: saved, invitation })
}
