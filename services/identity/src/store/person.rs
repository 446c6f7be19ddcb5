//! People and their numbers.

use base::{Id, PersonId, Timestamp};
use storage::{Decode, Result, Row, Tx, params, statements};
use uuid::Uuid;

use crate::model::person::{Name, Person, Profile, Status};

/// The lists differ in their order alone.
macro_rules! listing {
    ($order:literal) => {
        concat!(
            "SELECT p.id, p.version, p.name, p.family_name, p.given_name, p.email, p.language, p.status, p.created_at, \
                p.changed_at, p.sort_name FROM person p WHERE p.tenant_id = $1 \
                AND (CAST($2 AS TEXT) IS NULL OR p.status = $2) \
                AND (CAST($3 AS TEXT) IS NULL OR p.search LIKE $3 ESCAPE '!') \
                AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM membership m WHERE m.tenant_id = $1 \
                    AND m.person_id = p.id AND m.role = $4 AND m.from_at <= $5 \
                    AND (m.until_at IS NULL OR m.until_at > $5))) AND ",
            $order
        )
    };
}

statements! {
    /// Finds a person.
    FIND: read [person] = "SELECT id, version, name, family_name, given_name, email, language, status, created_at, changed_at \
        FROM person WHERE tenant_id = $1 AND id = $2";
    /// Finds the person with this address.
    FIND_BY_EMAIL: read [person] = "SELECT id, version, name, family_name, given_name, email, language, status, created_at, \
        changed_at FROM person WHERE tenant_id = $1 AND email = $2";
    /// Finds the person with this number.
    FIND_BY_NUMBER: read [person, person_number] = "SELECT p.id, p.version, p.name, p.family_name, p.given_name, p.email, \
        p.language, p.status, p.created_at, p.changed_at FROM person_number n \
        JOIN person p ON p.tenant_id = n.tenant_id AND p.id = n.person_id WHERE n.tenant_id = $1 AND n.number = $2";
    /// Lists people by name.
    LIST_BY_NAME: read [person, membership] = listing!("(p.sort_name, p.id) > ($6, $7) ORDER BY p.sort_name, p.id LIMIT $8");
    /// Lists people by name, the last first.
    LIST_BY_NAME_DOWN: read [person, membership] =
        listing!("(p.sort_name, p.id) < ($6, $7) ORDER BY p.sort_name DESC, p.id DESC LIMIT $8");
    /// Lists people, the oldest entry first: ids grow with time.
    LIST_BY_AGE: read [person, membership] = listing!("p.id > $6 ORDER BY p.id LIMIT $7");
    /// Lists people, the newest entry first.
    LIST_BY_AGE_DOWN: read [person, membership] = listing!("p.id < $6 ORDER BY p.id DESC LIMIT $7");
    /// Lists people who have an address, never signed in and have no invitation that is still good.
    WAITING: scan [person, link] = "SELECT p.id, p.version, p.name, p.family_name, p.given_name, p.email, p.language, p.status, \
        p.created_at, p.changed_at FROM person p WHERE p.tenant_id = $1 AND p.status = 'invited' AND p.email IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM link l WHERE l.tenant_id = p.tenant_id AND l.person_id = p.id \
        AND l.purpose = 'invitation' AND l.expires_at > $2) ORDER BY p.id LIMIT $3";
    /// Adds a person.
    INSERT: write [person] = "INSERT INTO person (tenant_id, id, version, name, family_name, given_name, sort_name, search, \
        email, language, status, created_at, changed_at) VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    /// Changes a person of this version.
    UPDATE: write [person] = "UPDATE person SET version = version + 1, name = $4, family_name = $5, given_name = $6, \
        sort_name = $7, search = $8, email = $9, language = $10, status = $11, changed_at = $12 \
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
    /// Changes whether a person may sign in.
    SET_STATUS: write [person] = "UPDATE person SET version = version + 1, status = $3, changed_at = $4 \
        WHERE tenant_id = $1 AND id = $2";
    /// Lists a person's numbers.
    NUMBERS: read [person_number] = "SELECT number FROM person_number WHERE tenant_id = $1 AND person_id = $2 ORDER BY number";
    /// Adds a number.
    INSERT_NUMBER: write [person_number] = "INSERT INTO person_number (tenant_id, number, person_id) VALUES ($1, $2, $3)";
    /// Removes a person's numbers.
    DELETE_NUMBERS: write [person_number] = "DELETE FROM person_number WHERE tenant_id = $1 AND person_id = $2";
}

impl Decode for Person {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            version: row.take()?,
            name: Name { full: row.take()?, family: row.take()?, given: row.take()? },
            email: row.take()?,
            language: row.take()?,
            status: row.parse()?,
            created_at: row.take()?,
            changed_at: row.take()?,
        })
    }
}

/// A person in a list, with the key by which the list is sorted.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) person: Person,
    pub(crate) sort_name: String,
}

impl Decode for Listed {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { person: Person::decode(row)?, sort_name: row.take()? })
    }
}

/// Which people a list holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) status: Option<Status>,
    /// What is typed into the search field.
    pub(crate) text: Option<String>,
    /// A role held now.
    pub(crate) role: Option<String>,
}

impl Filter {
    /// Returns the pattern for `LIKE`, in which the text stands for itself.
    fn pattern(&self) -> Option<String> {
        let text = self.text.as_ref()?.trim().to_lowercase();
        if text.is_empty() {
            return None;
        }
        let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Some(format!("%{escaped}%"))
    }
}

/// Returns at most so many people who wait for an invitation.
pub(crate) async fn waiting(tx: &mut Tx, count_max: u32) -> Result<Vec<Person>> {
    let now = tx.now();
    tx.fetch(&WAITING, params![now, count_max]).await
}

pub(crate) async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    tx.fetch_optional(&FIND, params![id]).await
}

pub(crate) async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>> {
    tx.fetch_optional(&FIND_BY_EMAIL, params![email]).await
}

pub(crate) async fn find_by_number(tx: &mut Tx, number: &str) -> Result<Option<Person>> {
    tx.fetch_optional(&FIND_BY_NUMBER, params![number]).await
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    #[default]
    Name,
    NameDown,
    Age,
    AgeDown,
}

/// Lists people after this sort key and id; without, from the beginning.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    order: Order,
    after: Option<(&str, PersonId)>,
    rows: i64,
) -> Result<Vec<Listed>> {
    let (pattern, now) = (filter.pattern(), tx.now());
    let (status, role, text) = (filter.status.map(Status::name), filter.role.as_deref(), pattern.as_deref());
    let down = matches!(order, Order::NameDown | Order::AgeDown);
    let (name, id) = after.unwrap_or_else(|| if down { (LAST_NAME, last_id()) } else { ("", first_id()) });
    match order {
        Order::Name => tx.fetch(&LIST_BY_NAME, params![status, text, role, now, name, id, rows]).await,
        Order::NameDown => tx.fetch(&LIST_BY_NAME_DOWN, params![status, text, role, now, name, id, rows]).await,
        Order::Age => tx.fetch(&LIST_BY_AGE, params![status, text, role, now, id, rows]).await,
        Order::AgeDown => tx.fetch(&LIST_BY_AGE_DOWN, params![status, text, role, now, id, rows]).await,
    }
}

pub(crate) async fn insert(tx: &mut Tx, id: PersonId, profile: &Profile, status: Status) -> Result<Person> {
    let now = tx.now();
    let (name, search) = (&profile.name, profile.search_text());
    let (sort_name, email) = (name.sort_key(), profile.email.as_deref());
    let values = params![
        id,
        &name.full,
        &name.family,
        &name.given,
        &sort_name,
        &search,
        email,
        &profile.language,
        status.name(),
        now
    ];
    tx.execute(&INSERT, values).await?;
    insert_numbers(tx, id, &profile.numbers).await?;
    Ok(person(id, 1, profile, status, (now, now)))
}

/// Changes a person; `None` when its version is another by now.
pub(crate) async fn update(tx: &mut Tx, old: &Person, profile: &Profile, status: Status) -> Result<Option<Person>> {
    let now = tx.now();
    let (name, search) = (&profile.name, profile.search_text());
    let (sort_name, email) = (name.sort_key(), profile.email.as_deref());
    let values = params![
        old.id,
        old.version,
        &name.full,
        &name.family,
        &name.given,
        &sort_name,
        &search,
        email,
        &profile.language,
        status.name(),
        now
    ];
    if tx.execute(&UPDATE, values).await? == 0 {
        return Ok(None);
    }
    tx.execute(&DELETE_NUMBERS, params![old.id]).await?;
    insert_numbers(tx, old.id, &profile.numbers).await?;
    Ok(Some(person(old.id, old.version + 1, profile, status, (old.created_at, now))))
}

pub(crate) async fn set_status(tx: &mut Tx, id: PersonId, status: Status) -> Result<()> {
    let now = tx.now();
    tx.execute(&SET_STATUS, params![id, status.name(), now]).await.map(|_| ())
}

pub(crate) async fn numbers(tx: &mut Tx, id: PersonId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx.fetch(&NUMBERS, params![id]).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

async fn insert_numbers(tx: &mut Tx, id: PersonId, numbers: &[String]) -> Result<()> {
    for number in numbers {
        tx.execute(&INSERT_NUMBER, params![number, id]).await?;
    }
    Ok(())
}

/// Comes after every name: the last character that is assigned to no script and never will be.
const LAST_NAME: &str = "\u{10ffff}";

fn last_id() -> PersonId {
    PersonId::from(Uuid::max())
}

fn first_id() -> PersonId {
    PersonId::from(Uuid::nil())
}

fn person(id: PersonId, version: i64, profile: &Profile, status: Status, at: (Timestamp, Timestamp)) -> Person {
    debug_assert!(!id.uuid().is_nil(), "a person has an id");
    Person {
        id,
        version,
        name: profile.name.clone(),
        email: profile.email.clone(),
        language: profile.language.clone(),
        status,
        created_at: at.0,
        changed_at: at.1,
    }
}
