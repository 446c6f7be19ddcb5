//! An import brought people: give each an account and a role, once however often the event arrives.

use base::PersonId;
use contracts::events::projects::{RosterImported, RosterPerson};
use storage::Tx;

use crate::{
    actions::{memberships, record},
    error::Result,
    model::{
        email,
        membership::NewMembership,
        person::{LANGUAGES, Person, Profile, ProfileInput, Status},
    },
    store,
};

/// Adds the people of an import whom identity does not know, and the roles that they do not hold. Nobody is invited by it:
/// that is for the coordinator to do when the cycle opens.
pub async fn apply(tx: &mut Tx, event: RosterImported) -> Result<()> {
    for listed in event.people {
        settle(tx, &listed).await?;
    }
    Ok(())
}

/// Somebody listed, as identity has them now.
pub(super) struct Settled {
    pub(super) person: Person,
    /// They were not known before.
    pub(super) new: bool,
}

/// Finds or adds a person, and gives them the role that they are listed with; nobody, when the row cannot be an account.
pub(super) async fn settle(tx: &mut Tx, listed: &RosterPerson) -> Result<Option<Settled>> {
    let settled = match known(tx, listed).await? {
        Some(person) => Settled { person, new: false },
        None => match add(tx, listed).await? {
            Some(person) => Settled { person, new: true },
            None => return Ok(None),
        },
    };
    give_role(tx, settled.person.id, listed).await?;
    Ok(Some(settled))
}

/// Finds a person by id, by number, by address: in this order, because numbers are the university's and addresses change.
async fn known(tx: &mut Tx, listed: &RosterPerson) -> Result<Option<Person>> {
    if let Some(person) = store::person::find(tx, listed.person).await? {
        return Ok(Some(person));
    }
    for number in &listed.numbers {
        if let Some(person) = store::person::find_by_number(tx, number.trim()).await? {
            return Ok(Some(person));
        }
    }
    match listed.email.as_deref().and_then(email::normalise) {
        Some(email) => Ok(store::person::find_by_email(tx, &email).await?),
        None => Ok(None),
    }
}

/// Adds a person; one whose row cannot be an account is left out, because a retry would not mend it.
async fn add(tx: &mut Tx, listed: &RosterPerson) -> Result<Option<Person>> {
    let Ok(profile) = profile(listed).check() else {
        tracing::warn!(person.id = %listed.person, "roster row is no valid person");
        return Ok(None);
    };
    let Profile { numbers, .. } = &profile;
    let person = store::person::insert(tx, listed.person, &profile, Status::Invited).await?;
    messaging::emit(tx, &person.card(numbers.clone())).await?;
    record::done(tx, "identity.person.create", person.id).await?;
    Ok(Some(person))
}

fn profile(listed: &RosterPerson) -> ProfileInput {
    let wished = listed.language.as_deref().filter(|language| LANGUAGES.contains(language));
    ProfileInput {
        name: String::new(),
        family_name: listed.family_name.clone(),
        given_name: listed.given_name.clone(),
        email: listed.email.clone().unwrap_or_default(),
        language: wished.unwrap_or("en").to_owned(),
        numbers: listed.numbers.clone(),
    }
}

async fn give_role(tx: &mut Tx, person: PersonId, listed: &RosterPerson) -> Result<()> {
    let held = store::membership::in_force(tx, person).await?;
    if held.iter().any(|membership| membership.role == listed.role && membership.scope == listed.scope) {
        return Ok(());
    }
    let new = NewMembership { scope: listed.scope, ..NewMembership::everywhere(&listed.role) };
    memberships::add(tx, person, new).await.map(|_| ())
}
