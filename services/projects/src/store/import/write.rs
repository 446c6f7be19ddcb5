//! Writes a plan: everything that is new or changed, many rows at once.

use base::PersonId;
use storage::{Result, Statement, Tx, Value, statements};

use super::bulk::{Insert, ROWS, insert, insert_text};
use crate::model::{
    ids::{CycleId, RoomId},
    import::{Plan, existing::Card, plan::TopicChange},
    topic,
};

const PROGRAMME: Insert = Insert {
    head: "INSERT INTO programme (tenant_id, id, code, title_en, title_local) VALUES ",
    columns: 4,
    tail: " ON CONFLICT (tenant_id, id) DO UPDATE SET title_en = excluded.title_en, title_local = excluded.title_local,
        told = FALSE",
};
const PERSON: Insert = Insert {
    head: "INSERT INTO person (tenant_id, id, number, family_name, given_name, name, email, changed_at) VALUES ",
    columns: 7,
    tail: " ON CONFLICT (tenant_id, id) DO UPDATE SET number = excluded.number, family_name = excluded.family_name,
        given_name = excluded.given_name, name = excluded.name, email = excluded.email, changed_at = excluded.changed_at",
};
const STUDENT: Insert = Insert {
    head: "INSERT INTO student (tenant_id, cycle_id, person_id, programme_id, classroom, gpa_points) VALUES ",
    columns: 5,
    tail: " ON CONFLICT (tenant_id, cycle_id, person_id) DO UPDATE SET programme_id = excluded.programme_id,
        classroom = excluded.classroom, gpa_points = excluded.gpa_points",
};
const SUPERVISOR: Insert = Insert {
    head: "INSERT INTO supervisor (tenant_id, cycle_id, person_id, title, supervise_max, chair_max, examine_max, supervising,
        chairing, examining, areas) VALUES ",
    columns: 10,
    tail: " ON CONFLICT (tenant_id, cycle_id, person_id) DO UPDATE SET title = excluded.title,
        supervise_max = excluded.supervise_max, chair_max = excluded.chair_max, examine_max = excluded.examine_max,
        areas = excluded.areas",
};
const TOPIC: Insert = Insert {
    head: "INSERT INTO topic (tenant_id, id, cycle_id, number, title_en, title_local, summary, area, supervisor_id, capacity,
        taken, state, version, created_at, changed_at) VALUES ",
    columns: 14,
    tail: "",
};
const TOPIC_PROGRAMME: Insert =
    Insert { head: "INSERT INTO topic_programme (tenant_id, topic_id, programme_id) VALUES ", columns: 2, tail: "" };
const PREFERENCE: Insert = Insert {
    head: "INSERT INTO preference (tenant_id, cycle_id, student_id, position, topic_id) VALUES ",
    columns: 4,
    tail: "",
};
const RANKING: Insert = Insert {
    head: "INSERT INTO ranking (tenant_id, cycle_id, supervisor_id, position, student_id) VALUES ",
    columns: 4,
    tail: "",
};
const ROOM: Insert = Insert {
    head: "INSERT INTO room (tenant_id, id, name, seats, equipment) VALUES ",
    columns: 4,
    tail: " ON CONFLICT (tenant_id, name) DO UPDATE SET seats = excluded.seats, equipment = excluded.equipment",
};
const AVAILABILITY: Insert = Insert {
    head: "INSERT INTO availability (tenant_id, cycle_id, person_id, from_at, until_at) VALUES ",
    columns: 4,
    tail: "",
};

statements! {
    /// Keeps one programme.
    PROGRAMME_ONE: write [programme] = insert_text!(PROGRAMME, 1);
    /// Keeps many programmes.
    PROGRAMME_MANY: write [programme] = insert_text!(PROGRAMME, ROWS);
    /// Keeps one person.
    PERSON_ONE: write [person] = insert_text!(PERSON, 1);
    /// Keeps many people.
    PERSON_MANY: write [person] = insert_text!(PERSON, ROWS);
    /// Keeps one student.
    STUDENT_ONE: write [student] = insert_text!(STUDENT, 1);
    /// Keeps many students.
    STUDENT_MANY: write [student] = insert_text!(STUDENT, ROWS);
    /// Keeps one supervisor.
    SUPERVISOR_ONE: write [supervisor] = insert_text!(SUPERVISOR, 1);
    /// Keeps many supervisors.
    SUPERVISOR_MANY: write [supervisor] = insert_text!(SUPERVISOR, ROWS);
    /// Adds one topic.
    TOPIC_ONE: write [topic] = insert_text!(TOPIC, 1);
    /// Adds many topics.
    TOPIC_MANY: write [topic] = insert_text!(TOPIC, ROWS);
    /// Changes a topic; one that is open or full becomes what its places say.
    TOPIC_CHANGE: write [topic] = "UPDATE topic SET title_en = $3, title_local = $4, area = $5, supervisor_id = $6, capacity = $7,
        state = CASE WHEN state = 'full' AND taken < $7 THEN 'open' WHEN state = 'open' AND taken >= $7 THEN 'full' ELSE state END,
        version = version + 1, changed_at = $8 WHERE tenant_id = $1 AND id = $2";
    /// Forgets which programmes a topic is for.
    TOPIC_PROGRAMME_FORGET: write [topic_programme] = "DELETE FROM topic_programme WHERE tenant_id = $1 AND topic_id = $2";
    /// Says that one topic is for a programme.
    TOPIC_PROGRAMME_ONE: write [topic_programme] = insert_text!(TOPIC_PROGRAMME, 1);
    /// Says that many topics are for programmes.
    TOPIC_PROGRAMME_MANY: write [topic_programme] = insert_text!(TOPIC_PROGRAMME, ROWS);
    /// Forgets a student's preferences.
    PREFERENCE_FORGET: write [preference] = "DELETE FROM preference WHERE tenant_id = $1 AND cycle_id = $2 AND student_id = $3";
    /// Adds one preference.
    PREFERENCE_ONE: write [preference] = insert_text!(PREFERENCE, 1);
    /// Adds many preferences.
    PREFERENCE_MANY: write [preference] = insert_text!(PREFERENCE, ROWS);
    /// Forgets a supervisor's ranking.
    RANKING_FORGET: write [ranking] = "DELETE FROM ranking WHERE tenant_id = $1 AND cycle_id = $2 AND supervisor_id = $3";
    /// Adds one place of a ranking.
    RANKING_ONE: write [ranking] = insert_text!(RANKING, 1);
    /// Adds many places of rankings.
    RANKING_MANY: write [ranking] = insert_text!(RANKING, ROWS);
    /// Keeps one room.
    ROOM_ONE: write [room] = insert_text!(ROOM, 1);
    /// Keeps many rooms.
    ROOM_MANY: write [room] = insert_text!(ROOM, ROWS);
    /// Forgets a person's times.
    AVAILABILITY_FORGET: write [availability] = "DELETE FROM availability WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3";
    /// Adds one time.
    AVAILABILITY_ONE: write [availability] = insert_text!(AVAILABILITY, 1);
    /// Adds many times.
    AVAILABILITY_MANY: write [availability] = insert_text!(AVAILABILITY, ROWS);
}

/// Says how many rows are done.
pub type Done<'a> = &'a (dyn Fn(usize) + Send + Sync);

/// Writes a plan into a cycle; what rows refer to is written before them.
pub async fn apply(tx: &mut Tx, cycle: CycleId, plan: &Plan, done: Done<'_>) -> Result<()> {
    people(tx, cycle, plan, done).await?;
    topics(tx, cycle, &plan.topics, done).await?;
    let rows = lists(cycle, &plan.preferences);
    forget(tx, &PREFERENCE_FORGET, cycle, &plan.preferences).await?;
    insert(tx, &PREFERENCE_ONE, &PREFERENCE_MANY, &rows, done).await?;
    let rows = lists(cycle, &plan.rankings);
    forget(tx, &RANKING_FORGET, cycle, &plan.rankings).await?;
    insert(tx, &RANKING_ONE, &RANKING_MANY, &rows, done).await?;
    let rows = lists(cycle, &plan.availability);
    forget(tx, &AVAILABILITY_FORGET, cycle, &plan.availability).await?;
    insert(tx, &AVAILABILITY_ONE, &AVAILABILITY_MANY, &rows, done).await?;
    let equipment: Vec<String> = plan.rooms.iter().map(|(_, room)| words(&room.equipment)).collect();
    let ids: Vec<RoomId> = plan.rooms.iter().map(|_| tx.id()).collect();
    let rooms = plan.rooms.iter().zip(&equipment).zip(&ids);
    let rows: Vec<_> = rooms
        .map(|(((name, room), equipment), id)| vec![(*id).into(), name.into(), room.seats.into(), equipment.into()])
        .collect();
    insert(tx, &ROOM_ONE, &ROOM_MANY, &rows, done).await
}

async fn people(tx: &mut Tx, cycle: CycleId, plan: &Plan, done: Done<'_>) -> Result<()> {
    let now = Value::from(tx.now());
    let programmes = plan.programmes.iter().map(|(code, programme)| {
        vec![programme.id.into(), code.into(), (&programme.title_en).into(), (&programme.title_local).into()]
    });
    let rows: Vec<_> = programmes.collect();
    insert(tx, &PROGRAMME_ONE, &PROGRAMME_MANY, &rows, done).await?;
    let names: Vec<String> = plan.people.iter().map(|(_, card)| full_name(card)).collect();
    let people = plan.people.iter().zip(&names).map(|((id, card), name)| {
        let Card { number, family_name, given_name, email } = card;
        vec![
            (*id).into(),
            number.as_deref().into(),
            family_name.into(),
            given_name.into(),
            name.into(),
            email.into(),
            now,
        ]
    });
    let rows: Vec<_> = people.collect();
    insert(tx, &PERSON_ONE, &PERSON_MANY, &rows, done).await?;
    let areas: Vec<String> = plan.supervisors.iter().map(|(_, supervisor)| words(&supervisor.areas)).collect();
    let supervisors = plan.supervisors.iter().zip(&areas).map(|((id, one), areas)| {
        let person = [cycle.into(), (*id).into(), (&one.title).into()];
        let quotas = [one.supervise_max.into(), one.chair_max.into(), one.examine_max.into()];
        let load: [Value<'_>; 3] = [0_i64.into(), 0_i64.into(), 0_i64.into()];
        [person, quotas, load].concat().into_iter().chain([areas.into()]).collect()
    });
    let rows: Vec<_> = supervisors.collect();
    insert(tx, &SUPERVISOR_ONE, &SUPERVISOR_MANY, &rows, done).await?;
    let students = plan.students.iter().map(|(id, student)| {
        let programme = student.programme.into();
        vec![cycle.into(), (*id).into(), programme, (&student.classroom).into(), student.gpa_points.into()]
    });
    let rows: Vec<_> = students.collect();
    insert(tx, &STUDENT_ONE, &STUDENT_MANY, &rows, done).await
}

async fn topics(tx: &mut Tx, cycle: CycleId, topics: &[TopicChange], done: Done<'_>) -> Result<()> {
    let now = Value::from(tx.now());
    let (new, changed): (Vec<_>, Vec<_>) = topics.iter().partition(|topic| topic.new);
    let state = Value::from(topic::State::Open);
    let rows = new.iter().map(|TopicChange { id, number, text, .. }| {
        let mut row =
            vec![(*id).into(), cycle.into(), number.into(), (&text.title_en).into(), (&text.title_local).into()];
        row.extend([Value::Text(""), (&text.area).into(), text.supervisor.into(), text.capacity.into()]);
        row.extend([0_i64.into(), state, 1_i64.into(), now, now]);
        row
    });
    let rows: Vec<_> = rows.collect();
    insert(tx, &TOPIC_ONE, &TOPIC_MANY, &rows, done).await?;
    let rows = changed.iter().map(|TopicChange { id, text, .. }| {
        let titles = [(*id).into(), (&text.title_en).into(), (&text.title_local).into(), (&text.area).into()];
        [titles.as_slice(), &[text.supervisor.into(), text.capacity.into(), now]].concat()
    });
    let rows: Vec<_> = rows.collect();
    tx.execute_many(&TOPIC_CHANGE, &rows).await?;
    let rows: Vec<_> = changed.iter().map(|topic| vec![topic.id.into()]).collect();
    tx.execute_many(&TOPIC_PROGRAMME_FORGET, &rows).await?;
    done(changed.len());
    let links = topics.iter().flat_map(|topic| topic.text.programmes.iter().map(|one| (topic.id, *one)));
    let rows: Vec<_> = links.map(|(topic, programme)| vec![topic.into(), programme.into()]).collect();
    insert(tx, &TOPIC_PROGRAMME_ONE, &TOPIC_PROGRAMME_MANY, &rows, &|_| ()).await
}

/// Empties the lists that are about to be written anew.
async fn forget<T>(tx: &mut Tx, statement: &'static Statement, cycle: CycleId, lists: &[(PersonId, T)]) -> Result<()> {
    let rows: Vec<_> = lists.iter().map(|(person, _)| vec![cycle.into(), (*person).into()]).collect();
    tx.execute_many(statement, &rows).await.map(drop)
}

fn lists<'v, A, B>(cycle: CycleId, lists: &[(PersonId, Vec<(A, B)>)]) -> Vec<Vec<Value<'v>>>
where
    A: Copy + Into<Value<'v>>,
    B: Copy + Into<Value<'v>>,
{
    let rows = lists.iter().flat_map(|(person, list)| list.iter().map(|(one, other)| (*person, *one, *other)));
    rows.map(|(person, one, other)| vec![cycle.into(), person.into(), one.into(), other.into()]).collect()
}

/// Returns the name as pages show it.
fn full_name(card: &Card) -> String {
    format!("{} {}", card.given_name, card.family_name).trim().to_owned()
}

/// Writes a JSON list of texts.
fn words(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}
