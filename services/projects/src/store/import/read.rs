//! Reads what is there already, in pages: a university's tables are longer than one answer may be.

use std::collections::HashMap;

use base::{Id, PersonId, Timestamp};
use storage::{Decode, Result, Statement, Tx, Value, statements};
use uuid::Uuid;

use crate::{
    model::{
        ids::{CycleId, ProgrammeId, TopicId},
        import::{
            Existing, Kind,
            existing::{Card, Programme, Room, Student, Supervisor, Topic, TopicText},
        },
    },
    store::record::record,
};

/// Rows of one page.
const PAGE_ROWS: i64 = 20_000;

statements! {
    /// Reads the programmes; a university has tens.
    PROGRAMMES: read [programme] = "SELECT id, code, title_en, title_local FROM programme WHERE tenant_id = $1 AND id > $2
        ORDER BY id LIMIT $3";
    /// Reads the people.
    PEOPLE: read [person] = "SELECT id, number, family_name, given_name, email FROM person WHERE tenant_id = $1 AND id > $2
        ORDER BY id LIMIT $3";
    /// Reads a cycle's students.
    STUDENTS: read [student] = "SELECT person_id, programme_id, classroom, gpa_points FROM student
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id > $3 ORDER BY person_id LIMIT $4";
    /// Reads a cycle's supervisors.
    SUPERVISORS: read [supervisor] = "SELECT person_id, title, supervise_max, chair_max, examine_max, areas FROM supervisor
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id > $3 ORDER BY person_id LIMIT $4";
    /// Reads a cycle's topics.
    TOPICS: read [topic] = "SELECT id, number, title_en, title_local, area, supervisor_id, capacity, taken FROM topic
        WHERE tenant_id = $1 AND cycle_id = $2 AND number > $3 ORDER BY number LIMIT $4";
    /// Reads which programmes a cycle's topics are for.
    TOPIC_PROGRAMMES: read [topic, topic_programme] = "SELECT t.number, p.programme_id FROM topic t
        JOIN topic_programme p ON p.tenant_id = t.tenant_id AND p.topic_id = t.id
        WHERE t.tenant_id = $1 AND t.cycle_id = $2 AND (t.number, p.programme_id) > ($3, $4)
        ORDER BY t.number, p.programme_id LIMIT $5";
    /// Reads a cycle's preferences.
    PREFERENCES: read [preference] = "SELECT student_id, position, topic_id FROM preference
        WHERE tenant_id = $1 AND cycle_id = $2 AND (student_id, position) > ($3, $4) ORDER BY student_id, position LIMIT $5";
    /// Reads a cycle's rankings.
    RANKINGS: read [ranking] = "SELECT supervisor_id, position, student_id FROM ranking
        WHERE tenant_id = $1 AND cycle_id = $2 AND (supervisor_id, position) > ($3, $4)
        ORDER BY supervisor_id, position LIMIT $5";
    /// Reads the rooms.
    ROOMS: read [room] = "SELECT name, seats, equipment FROM room WHERE tenant_id = $1 AND name > $2 ORDER BY name LIMIT $3";
    /// Reads a cycle's times.
    AVAILABILITY: read [availability] = "SELECT person_id, from_at, until_at FROM availability
        WHERE tenant_id = $1 AND cycle_id = $2 AND (person_id, from_at) > ($3, $4) ORDER BY person_id, from_at LIMIT $5";
}

record! {
    /// A topic without its programmes.
    TopicRow {
        id: TopicId,
        number: String,
        title_en: String,
        title_local: String,
        area: String,
        supervisor: PersonId,
        capacity: u32,
        taken: u32,
    }
}

/// Reads everything that the rows of these kinds may be or refer to. Without a cycle there is nothing of a cycle.
pub async fn existing(tx: &mut Tx, cycle: Option<CycleId>, kinds: &[Kind]) -> Result<Existing> {
    let mut existing = Existing { programmes: programmes(tx).await?, people: people(tx).await?, ..Existing::default() };
    if kinds.contains(&Kind::Rooms) {
        existing.rooms = rooms(tx).await?;
    }
    let Some(cycle) = cycle else { return Ok(existing) };
    existing.students = students(tx, cycle).await?;
    existing.supervisors = supervisors(tx, cycle).await?;
    if kinds.iter().any(|kind| matches!(kind, Kind::Topics | Kind::Preferences)) {
        existing.topics = topics(tx, cycle).await?;
    }
    if kinds.contains(&Kind::Preferences) {
        existing.preferences = lists(tx, &PREFERENCES, cycle).await?;
    }
    if kinds.contains(&Kind::Rankings) {
        existing.rankings = lists(tx, &RANKINGS, cycle).await?;
    }
    if kinds.contains(&Kind::Availability) {
        existing.availability = availability(tx, cycle).await?;
    }
    Ok(existing)
}

/// Reads all pages of a statement. `head` comes before the cursor among the parameters; `cursor` makes one from the last row.
async fn pages<T: Decode>(
    tx: &mut Tx,
    statement: &'static Statement,
    head: &[Value<'_>],
    first: &[Value<'_>],
    cursor: for<'r> fn(&'r T) -> Vec<Value<'r>>,
) -> Result<Vec<T>> {
    let limit = Value::from(PAGE_ROWS);
    let mut rows: Vec<T> = tx.fetch(statement, &[head, first, &[limit]].concat()).await?;
    let mut read = rows.len();
    while read == PAGE_ROWS as usize {
        let after = rows.last().map(cursor).unwrap_or_default();
        let page: Vec<T> = tx.fetch(statement, &[head, &after, &[limit]].concat()).await?;
        read = page.len();
        rows.extend(page);
    }
    Ok(rows)
}

async fn programmes(tx: &mut Tx) -> Result<HashMap<String, Programme>> {
    type Row = (ProgrammeId, String, String, String);
    let rows: Vec<Row> = pages(tx, &PROGRAMMES, &[], &[Uuid::nil().into()], |row: &Row| vec![row.0.into()]).await?;
    Ok(rows
        .into_iter()
        .map(|(id, code, title_en, title_local)| (code, Programme { id, title_en, title_local }))
        .collect())
}

async fn people(tx: &mut Tx) -> Result<HashMap<PersonId, Card>> {
    type Row = (PersonId, Option<String>, String, String, String);
    let rows: Vec<Row> = pages(tx, &PEOPLE, &[], &[Uuid::nil().into()], |row: &Row| vec![row.0.into()]).await?;
    let card =
        |(id, number, family_name, given_name, email): Row| (id, Card { number, family_name, given_name, email });
    Ok(rows.into_iter().map(card).collect())
}

async fn students(tx: &mut Tx, cycle: CycleId) -> Result<HashMap<PersonId, Student>> {
    type Row = (PersonId, ProgrammeId, String, Option<u32>);
    let first = [Uuid::nil().into()];
    let rows: Vec<Row> = pages(tx, &STUDENTS, &[cycle.into()], &first, |row: &Row| vec![row.0.into()]).await?;
    let student = |(id, programme, classroom, gpa_points): Row| (id, Student { programme, classroom, gpa_points });
    Ok(rows.into_iter().map(student).collect())
}

async fn supervisors(tx: &mut Tx, cycle: CycleId) -> Result<HashMap<PersonId, Supervisor>> {
    type Row = (PersonId, String, u32, u32, u32, String);
    let first = [Uuid::nil().into()];
    let rows: Vec<Row> = pages(tx, &SUPERVISORS, &[cycle.into()], &first, |row: &Row| vec![row.0.into()]).await?;
    let supervisor = |(id, title, supervise_max, chair_max, examine_max, areas): Row| {
        (id, Supervisor { title, supervise_max, chair_max, examine_max, areas: words(&areas) })
    };
    Ok(rows.into_iter().map(supervisor).collect())
}

async fn topics(tx: &mut Tx, cycle: CycleId) -> Result<HashMap<String, Topic>> {
    type Link = (String, ProgrammeId);
    let head = [cycle.into()];
    let rows: Vec<TopicRow> =
        pages(tx, &TOPICS, &head, &["".into()], |row: &TopicRow| vec![row.number.as_str().into()]).await?;
    let first = ["".into(), Uuid::nil().into()];
    let links: Vec<Link> =
        pages(tx, &TOPIC_PROGRAMMES, &head, &first, |row: &Link| vec![row.0.as_str().into(), row.1.into()]).await?;
    let mut programmes: HashMap<String, Vec<ProgrammeId>> = HashMap::new();
    for (number, programme) in links {
        programmes.entry(number).or_default().push(programme);
    }
    let topics = rows.into_iter().map(|row| {
        let TopicRow { id, number, title_en, title_local, area, supervisor, capacity, taken } = row;
        let programmes = programmes.remove(&number).unwrap_or_default();
        (number, Topic { id, text: TopicText { title_en, title_local, area, supervisor, capacity, programmes }, taken })
    });
    Ok(topics.collect())
}

async fn rooms(tx: &mut Tx) -> Result<HashMap<String, Room>> {
    type Row = (String, u32, String);
    let rows: Vec<Row> = pages(tx, &ROOMS, &[], &["".into()], |row: &Row| vec![row.0.as_str().into()]).await?;
    Ok(rows.into_iter().map(|(name, seats, equipment)| (name, Room { seats, equipment: words(&equipment) })).collect())
}

async fn lists<T: Id + base::Column>(
    tx: &mut Tx,
    statement: &'static Statement,
    cycle: CycleId,
) -> Result<HashMap<PersonId, Vec<(u32, T)>>> {
    let first = [Uuid::nil().into(), 0_i64.into()];
    let rows: Vec<(PersonId, u32, T)> =
        pages(tx, statement, &[cycle.into()], &first, |row: &(PersonId, u32, T)| vec![row.0.into(), row.1.into()])
            .await?;
    let mut lists: HashMap<PersonId, Vec<(u32, T)>> = HashMap::new();
    for (person, rank, choice) in rows {
        lists.entry(person).or_default().push((rank, choice));
    }
    Ok(lists)
}

async fn availability(tx: &mut Tx, cycle: CycleId) -> Result<HashMap<PersonId, Vec<(Timestamp, Timestamp)>>> {
    type Row = (PersonId, Timestamp, Timestamp);
    let first = [Uuid::nil().into(), i64::MIN.into()];
    let rows: Vec<Row> =
        pages(tx, &AVAILABILITY, &[cycle.into()], &first, |row: &Row| vec![row.0.into(), row.1.into()]).await?;
    let mut lists: HashMap<PersonId, Vec<(Timestamp, Timestamp)>> = HashMap::new();
    for (person, from_at, until_at) in rows {
        lists.entry(person).or_default().push((from_at, until_at));
    }
    Ok(lists)
}

/// Reads a JSON list of texts.
fn words(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
