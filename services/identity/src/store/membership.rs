//! Memberships.

use base::{PersonId, Timestamp};
use contracts::ids::MembershipId;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::model::membership::{Membership, scope_of, unit_column};

statements! {
    /// Lists a person's memberships, ended ones too.
    OF_PERSON: read [membership] = "SELECT id, person_id, role, unit_id, from_at, until_at FROM membership \
        WHERE tenant_id = $1 AND person_id = $2 ORDER BY role, from_at, id";
    /// Lists a person's memberships that hold now or will.
    IN_FORCE: read [membership] = "SELECT id, person_id, role, unit_id, from_at, until_at FROM membership \
        WHERE tenant_id = $1 AND person_id = $2 AND (until_at IS NULL OR until_at > $3) ORDER BY role, from_at, id";
    /// Finds a membership of a person.
    FIND: read [membership] = "SELECT id, person_id, role, unit_id, from_at, until_at FROM membership \
        WHERE tenant_id = $1 AND id = $2 AND person_id = $3";
    /// Adds a membership.
    INSERT: write [membership] = "INSERT INTO membership (tenant_id, id, person_id, role, unit_id, from_at, until_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Ends a membership.
    END: write [membership] = "UPDATE membership SET until_at = $3 WHERE tenant_id = $1 AND id = $2 \
        AND (until_at IS NULL OR until_at > $3)";
    /// Counts people who may sign in and hold a role in the whole tenant now, except one membership.
    COUNT_HOLDERS: read [membership, person] = "SELECT COUNT(*) FROM membership m JOIN person p \
        ON p.tenant_id = m.tenant_id AND p.id = m.person_id WHERE m.tenant_id = $1 AND m.role = $2 AND m.unit_id = $3 \
        AND m.from_at <= $4 AND (m.until_at IS NULL OR m.until_at > $4) AND p.status <> 'disabled' \
        AND m.id <> $5 AND m.person_id <> $6";
}

impl Decode for Membership {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            person: row.take()?,
            role: row.take()?,
            scope: scope_of(row.take()?),
            from: row.take()?,
            until: row.take()?,
        })
    }
}

pub(crate) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Membership>> {
    tx.fetch(&OF_PERSON, params![person]).await
}

/// Lists a person's memberships that hold now or will.
pub(crate) async fn in_force(tx: &mut Tx, person: PersonId) -> Result<Vec<Membership>> {
    let now = tx.now();
    tx.fetch(&IN_FORCE, params![person, now]).await
}

pub(crate) async fn find(tx: &mut Tx, person: PersonId, id: MembershipId) -> Result<Option<Membership>> {
    tx.fetch_optional(&FIND, params![id, person]).await
}

pub(crate) async fn insert(tx: &mut Tx, membership: &Membership) -> Result<()> {
    let (now, unit) = (tx.now(), unit_column(membership.scope));
    let values =
        params![membership.id, membership.person, &membership.role, unit, membership.from, membership.until, now];
    tx.execute(&INSERT, values).await.map(|_| ())
}

pub(crate) async fn end(tx: &mut Tx, id: MembershipId, at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&END, params![id, at]).await? > 0)
}

/// Counts those who hold `role` in the whole tenant besides this membership and this person.
pub(crate) async fn count_other_holders(
    tx: &mut Tx,
    role: &str,
    membership: Option<MembershipId>,
    person: Option<PersonId>,
) -> Result<i64> {
    let (now, everywhere) = (tx.now(), unit_column(base::Scope::Tenant));
    let membership = membership.unwrap_or(MembershipId::from_u128(0));
    let person = person.unwrap_or(PersonId::from_u128(0));
    let (count,): (i64,) = tx.fetch_one(&COUNT_HOLDERS, params![role, everywhere, now, membership, person]).await?;
    Ok(count)
}
