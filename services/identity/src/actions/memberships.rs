//! Memberships: list, give, take away.

use base::{PersonId, Scope};
use contracts::{
    ids::MembershipId,
    roles::names::{ADMINISTRATOR, OPERATOR},
};
use storage::Tx;

use crate::{
    actions::{authorize, authorize_anywhere, people, record},
    error::{Error, Result},
    model::membership::{Membership, NewMembership},
    policy,
    store::{self, unit::Unit},
};

/// Lists a person's roles, ended ones too.
pub async fn list_memberships(tx: &mut Tx, person: PersonId) -> Result<Vec<Membership>> {
    authorize_anywhere(tx, &policy::LIST_MEMBERSHIPS, Some(person))?;
    people::existing(tx, person).await?;
    Ok(store::membership::of_person(tx, person).await?)
}

/// Lists the units in which a role can be given.
pub async fn list_units(tx: &mut Tx) -> Result<Vec<Unit>> {
    authorize_anywhere(tx, &policy::LIST_MEMBERSHIPS, tx.caller().person_id())?;
    Ok(store::unit::list(tx).await?)
}

/// Gives a person a role.
pub async fn grant_membership(tx: &mut Tx, person: PersonId, new: NewMembership) -> Result<MembershipId> {
    authorize(tx, &policy::GRANT_MEMBERSHIP, None)?;
    people::existing(tx, person).await?;
    add(tx, person, new).await.map(|membership| membership.id)
}

/// Takes a role away, from now on.
pub async fn end_membership(tx: &mut Tx, person: PersonId, id: MembershipId) -> Result<()> {
    authorize(tx, &policy::END_MEMBERSHIP, None)?;
    let mut membership = store::membership::find(tx, person, id).await?.ok_or(Error::NotFound("role"))?;
    if membership.role == ADMINISTRATOR && membership.scope == Scope::Tenant {
        keep_an_administrator(tx, Some(id), None).await?;
    }
    let now = tx.now();
    if store::membership::end(tx, id, now).await? {
        membership.until = Some(now);
        messaging::emit(tx, &membership.changed(now)).await?;
        record::with(tx, "identity.membership.end", person, &serde_json::json!({ "membership": id })).await?;
    }
    Ok(())
}

/// Gives a role without asking who does it.
pub(crate) async fn add(tx: &mut Tx, person: PersonId, new: NewMembership) -> Result<Membership> {
    new.check(tx.now()).map_err(Error::Fields)?;
    insert(tx, person, new).await
}

/// Makes a person an operator of the installation, which no check of a university's roles lets through.
pub(crate) async fn add_operator(tx: &mut Tx, person: PersonId) -> Result<()> {
    people::existing(tx, person).await?;
    insert(tx, person, NewMembership::everywhere(OPERATOR)).await.map(|_| ())
}

/// Returns whether a person is an operator of the installation, now or later.
pub(crate) async fn is_operator(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(store::membership::in_force(tx, person).await?.iter().any(|membership| membership.role == OPERATOR))
}

async fn insert(tx: &mut Tx, person: PersonId, new: NewMembership) -> Result<Membership> {
    let now = tx.now();
    let NewMembership { role, scope, from, until } = new;
    let membership = Membership { id: tx.id(), person, role, scope, from: from.unwrap_or(now), until };
    store::membership::insert(tx, &membership).await?;
    messaging::emit(tx, &membership.changed(now)).await?;
    let detail = serde_json::json!({
        "membership": membership.id, "role": membership.role, "scope": membership.scope,
        "from": membership.from, "until": membership.until,
    });
    record::with(tx, "identity.membership.grant", person, &detail).await?;
    Ok(membership)
}

/// Refuses when nobody would be left who can administer the university without this membership or this person.
pub(crate) async fn keep_an_administrator(
    tx: &mut Tx,
    membership: Option<MembershipId>,
    person: Option<PersonId>,
) -> Result<()> {
    if let Some(person) = person {
        let now = tx.now();
        let own = store::membership::in_force(tx, person).await?;
        let administers =
            |held: &Membership| held.role == ADMINISTRATOR && held.scope == Scope::Tenant && held.holds_at(now);
        if !own.iter().any(administers) {
            return Ok(());
        }
    }
    let others = store::membership::count_other_holders(tx, ADMINISTRATOR, membership, person).await?;
    if others == 0 { Err(Error::LastAdministrator) } else { Ok(()) }
}
