//! People as this service knows them: a read model of identity's, for names and addresses on pages.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::{record::record, topics::like};

record! {
    /// A person's card.
    Person {
        id: PersonId,
        number: Option<String>,
        family_name: String,
        given_name: String,
        name: String,
        email: String,
        changed_at: Timestamp,
    }
}

statements! {
    /// Finds one person.
    FIND: read [person] = "SELECT id, number, family_name, given_name, name, email, changed_at FROM person
        WHERE tenant_id = $1 AND id = $2";
    /// Finds one person by student or staff number.
    FIND_BY_NUMBER: read [person] = "SELECT id, number, family_name, given_name, name, email, changed_at FROM person
        WHERE tenant_id = $1 AND number = $2";
    /// Finds one person by mail address; of two who share one, who came first.
    FIND_BY_EMAIL: read [person] = "SELECT id, number, family_name, given_name, name, email, changed_at FROM person
        WHERE tenant_id = $1 AND LOWER(email) = $2 ORDER BY id LIMIT 1";
    /// Searches people by a part of name, address or number.
    SEARCH: read [person] = "SELECT id, number, family_name, given_name, name, email, changed_at FROM person
        WHERE tenant_id = $1 AND (LOWER(name) LIKE $2 OR LOWER(email) LIKE $2 OR LOWER(number) LIKE $2) ORDER BY name, id LIMIT $3";
    /// Takes a number from whoever had it before.
    TAKE_NUMBER: write [person] = "UPDATE person SET number = NULL WHERE tenant_id = $1 AND number = $2 AND id <> $3 AND changed_at <= $4";
    /// Keeps a card unless a newer one is kept.
    KEEP: write [person] = "INSERT INTO person (tenant_id, id, number, family_name, given_name, name, email, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (tenant_id, id) DO UPDATE SET number = COALESCE(excluded.number, person.number),
            family_name = excluded.family_name, given_name = excluded.given_name, name = excluded.name,
            email = excluded.email, changed_at = excluded.changed_at
        WHERE person.changed_at <= excluded.changed_at";
}

/// Returns a person's card.
pub async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns the person with this student or staff number.
pub async fn find_by_number(tx: &mut Tx, number: &str) -> Result<Option<Person>> {
    tx.fetch_optional(&FIND_BY_NUMBER, params![number]).await
}

/// Returns the person with this mail address, whatever its case.
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>> {
    let email = email.to_lowercase();
    tx.fetch_optional(&FIND_BY_EMAIL, params![&email]).await
}

/// Returns people whose name, address or number has `text` in it, by name; at most `limit`.
pub async fn search(tx: &mut Tx, text: &str, limit: u32) -> Result<Vec<Person>> {
    let pattern = like(text);
    tx.fetch(&SEARCH, params![&pattern, limit]).await
}

/// Keeps one card. A number that somebody else had before is this person's now: events of two people come in any order.
pub async fn replace(tx: &mut Tx, person: Person) -> Result<()> {
    if let Some(number) = &person.number {
        tx.execute(&TAKE_NUMBER, params![number, person.id, person.changed_at]).await?;
    }
    keep(tx, &[person]).await
}

/// Keeps cards; an older card never replaces a newer one.
pub async fn keep(tx: &mut Tx, people: &[Person]) -> Result<()> {
    let rows: Vec<_> = people
        .iter()
        .map(|person| {
            params![
                person.id,
                person.number.as_deref(),
                &person.family_name,
                &person.given_name,
                &person.name,
                &person.email,
                person.changed_at,
            ]
            .to_vec()
        })
        .collect();
    tx.execute_many(&KEEP, &rows).await.map(drop)
}
