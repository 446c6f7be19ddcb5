//! People: list, read, add, change, invite.

use access::{Denied, Reason};
use base::{Page, PageRequest, PersonId};
use contracts::roles::{OPERATOR, VOCABULARY};
use crypto::{SealKey, Secret};
use serde::{Deserialize, Serialize};
use storage::Tx;

use crate::{
    actions::{authorize, authorize_anywhere, memberships, passwords, record, sessions},
    error::{Error, Result},
    model::{
        link::Purpose,
        membership::NewMembership,
        person::{Person, ProfileInput, Status},
    },
    policy,
    store::{
        self,
        person::{Filter, Order},
        unit::Unit,
    },
};

/// In which order a list of people is; a hyphen turns it round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
pub enum Sort {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "created")]
    Created,
    /// The newest first.
    #[serde(rename = "-created")]
    CreatedDown,
}

impl Sort {
    const fn order(self) -> Order {
        match self {
            Self::Name => Order::Name,
            Self::NameDown => Order::NameDown,
            Self::Created => Order::Age,
            Self::CreatedDown => Order::AgeDown,
        }
    }
}

/// Which people are wanted.
#[derive(Debug, Clone, Default)]
pub struct PeopleQuery {
    pub text: Option<String>,
    pub status: Option<Status>,
    pub role: Option<String>,
    pub sort: Sort,
    pub page: PageRequest,
}

/// A person with everything that is kept about them here.
#[derive(Debug, Clone)]
pub struct Details {
    pub person: Person,
    pub numbers: Vec<String>,
}

/// A person to be added.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    pub profile: ProfileInput,
    pub memberships: Vec<NewMembership>,
    /// Whether to send an invitation.
    pub invite: bool,
    /// A password that was checked and hashed already; the account is active at once.
    pub password_hash: Option<String>,
}

/// What is to change; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    pub name: Option<String>,
    pub family_name: Option<String>,
    pub given_name: Option<String>,
    /// An empty text takes the address away.
    pub email: Option<String>,
    pub language: Option<String>,
    pub numbers: Option<Vec<String>>,
    /// True lets the person sign in, false does not.
    pub enabled: Option<bool>,
}

/// A person as an answer that is kept for a repeated request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub id: PersonId,
    pub version: i64,
}

const SEPARATOR: char = '\u{1f}';

/// Lists people.
pub async fn list_people(tx: &mut Tx, query: PeopleQuery) -> Result<Page<Person>> {
    authorize_anywhere(tx, &policy::LIST_PEOPLE, None)?;
    let filter = Filter { status: query.status, text: query.text, role: query.role };
    let after = query.page.after.as_deref().and_then(|after| after.rsplit_once(SEPARATOR));
    let after = after.and_then(|(name, id)| Some((name, id.parse().ok()?)));
    let listed = store::person::list(tx, &filter, query.sort.order(), after, query.page.fetch()).await?;
    let page = Page::cut(listed, &query.page, |last| format!("{}{SEPARATOR}{}", last.sort_name, last.person.id));
    Ok(page.map(|listed| listed.person))
}

/// Reads a person.
pub async fn read_person(tx: &mut Tx, id: PersonId) -> Result<Details> {
    authorize_anywhere(tx, &policy::READ_PERSON, Some(id))?;
    let person = existing(tx, id).await?;
    let numbers = store::person::numbers(tx, id).await?;
    Ok(Details { person, numbers })
}

/// Returns the units in which a new person's roles can hold, to those who may add people.
pub async fn prepare_person(tx: &mut Tx) -> Result<Vec<Unit>> {
    authorize(tx, &policy::CREATE_PERSON, None)?;
    Ok(store::unit::list(tx).await?)
}

/// Adds a person; `links` seals an invitation.
pub async fn create_person(tx: &mut Tx, links: SealKey, new: NewPerson) -> Result<Saved> {
    authorize(tx, &policy::CREATE_PERSON, None)?;
    let profile = new.profile.check().map_err(Error::Fields)?;
    let status = if new.password_hash.is_some() { Status::Active } else { Status::Invited };
    let id = tx.id();
    let person = store::person::insert(tx, id, &profile, status).await?;
    if let Some(hash) = &new.password_hash {
        store::password::set(tx, id, hash).await?;
    }
    messaging::emit(tx, &person.card(profile.numbers)).await?;
    record::done(tx, "identity.person.create", id).await?;
    for membership in new.memberships {
        memberships::add(tx, id, membership).await?;
    }
    if new.invite {
        invite(tx, &links, &person).await?;
    }
    Ok(Saved { id, version: person.version })
}

/// Changes a person, if `version` is the latest; without one, whatever the version.
pub async fn change_person(tx: &mut Tx, id: PersonId, version: Option<i64>, change: PersonChange) -> Result<Saved> {
    authorize(tx, &policy::CHANGE_PERSON, Some(id))?;
    if memberships::is_operator(tx, id).await? && !may_change_operator(tx, id) {
        return Err(Error::Denied(Denied { action: policy::CHANGE_PERSON.name, reason: Reason::NotAllowed }));
    }
    apply(tx, id, version, change).await
}

/// Whoever could move an operator's address to their own could ask for a new password there, and be the operator.
fn may_change_operator(tx: &Tx, id: PersonId) -> bool {
    let caller = tx.caller();
    caller.person_id().is_none_or(|person| person == id) || VOCABULARY.held(caller, tx.now(), None).meets(OPERATOR)
}

/// Sends an invitation, again if need be.
pub async fn invite_person(tx: &mut Tx, links: SealKey, id: PersonId) -> Result<()> {
    authorize(tx, &policy::INVITE_PERSON, None)?;
    let person = existing(tx, id).await?;
    if person.status != Status::Invited {
        return Err(Error::field("status", "choice"));
    }
    invite(tx, &links, &person).await.map(|_| ())
}

/// Most people who are invited at once.
pub const INVITED_AT_ONCE_MAX: u32 = 1_000;

/// How many people were invited, and whether there are more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub count: u32,
    pub more: bool,
}

/// Invites everybody who has an address, never signed in and has no invitation that is still good: the people of an import.
pub async fn invite_waiting(tx: &mut Tx, links: SealKey) -> Result<Invited> {
    authorize(tx, &policy::INVITE_PERSON, None)?;
    let waiting = store::person::waiting(tx, INVITED_AT_ONCE_MAX + 1).await?;
    let more = waiting.len() > INVITED_AT_ONCE_MAX as usize;
    let mut count = 0;
    for person in waiting.iter().take(INVITED_AT_ONCE_MAX as usize) {
        invite(tx, &links, person).await?;
        count += 1;
    }
    Ok(Invited { count, more })
}

/// Makes an invitation and returns its link.
pub(crate) async fn invite(tx: &mut Tx, links: &SealKey, person: &Person) -> Result<Secret> {
    let link = passwords::send_link(tx, links, person, Purpose::Invitation).await?;
    record::done(tx, "identity.person.invite", person.id).await?;
    Ok(link)
}

/// Returns the person, or the error that there is none.
pub(crate) async fn existing(tx: &mut Tx, id: PersonId) -> Result<Person> {
    store::person::find(tx, id).await?.ok_or(Error::NotFound("person"))
}

/// Tells other services what a person's card says now.
pub(crate) async fn tell(tx: &mut Tx, person: &Person) -> Result<()> {
    let numbers = store::person::numbers(tx, person.id).await?;
    Ok(messaging::emit(tx, &person.card(numbers)).await?)
}

/// Changes a person without asking who does it.
pub(crate) async fn apply(tx: &mut Tx, id: PersonId, version: Option<i64>, change: PersonChange) -> Result<Saved> {
    let old = existing(tx, id).await?;
    if version.is_some_and(|version| version != old.version) {
        return Err(Error::Stale);
    }
    let numbers = store::person::numbers(tx, id).await?;
    let status = next_status(tx, &old, change.enabled).await?;
    let profile = merged(&old, numbers, change).check().map_err(Error::Fields)?;
    let moved = profile.email != old.email;
    let person = store::person::update(tx, &old, &profile, status).await?.ok_or(Error::Stale)?;
    if moved {
        // A link that was sent to the old address must not open the account to whoever reads it there.
        store::link::delete(tx, id, Purpose::PasswordReset).await?;
        store::link::delete(tx, id, Purpose::Invitation).await?;
    }
    if status == Status::Disabled && old.status != Status::Disabled {
        sessions::end_all(tx, id, None).await?;
        store::api_token::delete_all(tx, id).await?;
    }
    let detail = serde_json::json!({ "version": person.version, "status": status.name() });
    record::with(tx, "identity.person.change", id, &detail).await?;
    messaging::emit(tx, &person.card(profile.numbers)).await?;
    Ok(Saved { id, version: person.version })
}

async fn next_status(tx: &mut Tx, old: &Person, enabled: Option<bool>) -> Result<Status> {
    match (enabled, old.status) {
        (Some(false), Status::Active | Status::Invited) => {
            memberships::keep_an_administrator(tx, None, Some(old.id)).await?;
            Ok(Status::Disabled)
        }
        (Some(true), Status::Disabled) => {
            let password = store::password::find(tx, old.id).await?;
            Ok(if password.is_some() { Status::Active } else { Status::Invited })
        }
        (_, status) => Ok(status),
    }
}

fn merged(old: &Person, numbers: Vec<String>, change: PersonChange) -> ProfileInput {
    let renamed = change.family_name.is_some() || change.given_name.is_some();
    let name = &old.name;
    // A full name that was made of the parts follows them.
    let composed = name.full == format!("{} {}", name.given, name.family).trim();
    let kept = if renamed && composed { String::new() } else { name.full.clone() };
    ProfileInput {
        name: change.name.unwrap_or(kept),
        family_name: change.family_name.unwrap_or_else(|| name.family.clone()),
        given_name: change.given_name.unwrap_or_else(|| name.given.clone()),
        email: change.email.unwrap_or_else(|| old.email.clone().unwrap_or_default()),
        language: change.language.unwrap_or_else(|| old.language.clone()),
        numbers: change.numbers.unwrap_or(numbers),
    }
}
