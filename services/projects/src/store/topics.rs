//! Topics.

use base::{Page, PageRequest, PersonId, Timestamp};
use serde::Deserialize;
use storage::{Result, Tx, Versioned, params, statements};

use super::{
    keyset::{After, key},
    record::record,
    sight::{Sight, topic_in_sight},
};
use crate::model::{
    ids::{CycleId, ProgrammeId, TopicId},
    topic::{State, Text},
};

record! {
    /// A topic as kept, with its supervisor's name.
    Topic {
        id: TopicId,
        cycle_id: CycleId,
        number: String,
        title_en: String,
        title_local: String,
        summary: String,
        area: String,
        supervisor_id: PersonId,
        supervisor_name: String,
        capacity: u32,
        taken: u32,
        state: State,
        version: i64,
        changed_at: Timestamp,
    }
}

/// What lists of topics are read from.
pub const LISTS: Versioned = Versioned { name: "topic-lists", tables: &["topic", "topic_programme", "person"] };

/// Which topics are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub state: Option<State>,
    pub supervisor: Option<PersonId>,
    pub programme: Option<ProgrammeId>,
    /// Part of a title or number, in any case.
    pub text: Option<String>,
    pub sort: Sort,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "number")]
    Number,
    #[serde(rename = "-number")]
    NumberDown,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleDown,
}

/// A cycle's topics that fit the filters, from a place on and in an order.
macro_rules! listing {
    ($place:literal, $order:literal) => {
        concat!(
            "SELECT t.id, t.cycle_id, t.number, t.title_en, t.title_local, t.summary, t.area,
        t.supervisor_id, COALESCE(p.name, ''), t.capacity, t.taken, t.state, t.version, t.changed_at
        FROM topic t LEFT JOIN person p ON p.tenant_id = t.tenant_id AND p.id = t.supervisor_id
        WHERE t.tenant_id = $1 AND t.cycle_id = $2 AND ",
            $place,
            " AND (t.state = $5 OR $5 IS NULL) AND (t.supervisor_id = $6 OR $6 IS NULL)
        AND ($12 OR EXISTS (SELECT 1 FROM topic_programme g WHERE g.tenant_id = t.tenant_id AND g.topic_id = t.id AND g.programme_id = $7))
        AND (CAST($8 AS TEXT) IS NULL OR LOWER(t.title_en) LIKE $8 OR LOWER(t.title_local) LIKE $8 OR LOWER(t.number) LIKE $8)
        AND ",
            topic_in_sight!("$9", "$10", "$13"),
            " ORDER BY ",
            $order,
            " LIMIT $11"
        )
    };
}

statements! {
    /// Finds one topic.
    FIND: read [topic, person] = "SELECT t.id, t.cycle_id, t.number, t.title_en, t.title_local, t.summary, t.area, t.supervisor_id,
        COALESCE(p.name, ''), t.capacity, t.taken, t.state, t.version, t.changed_at
        FROM topic t LEFT JOIN person p ON p.tenant_id = t.tenant_id AND p.id = t.supervisor_id
        WHERE t.tenant_id = $1 AND t.id = $2";
    /// Lists a cycle's topics by number.
    LIST_BY_NUMBER: read [topic, person, topic_programme] =
        listing!("(t.number, t.id) > ($3, $4)", "t.number, t.id");
    /// Lists a cycle's topics by number, the last first.
    LIST_BY_NUMBER_DOWN: read [topic, person, topic_programme] =
        listing!("(t.number, t.id) < ($3, $4)", "t.number DESC, t.id DESC");
    /// Lists a cycle's topics by title.
    LIST_BY_TITLE: read [topic, person, topic_programme] =
        listing!("(t.title_en, t.id) > ($3, $4)", "t.title_en, t.id");
    /// Lists a cycle's topics by title, the last first.
    LIST_BY_TITLE_DOWN: read [topic, person, topic_programme] =
        listing!("(t.title_en, t.id) < ($3, $4)", "t.title_en DESC, t.id DESC");
    /// Finds the largest number of a cycle.
    LAST_NUMBER: read [topic] = "SELECT number FROM topic WHERE tenant_id = $1 AND cycle_id = $2 ORDER BY LENGTH(number) DESC, number DESC LIMIT 1";
    /// Adds a topic.
    INSERT: write [topic] = "INSERT INTO topic (tenant_id, id, cycle_id, number, title_en, title_local, summary, area, supervisor_id,
        capacity, taken, state, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, 1, $12, $12)";
    /// Changes text and capacity of the version read; never below what is taken.
    CHANGE: write [topic] = "UPDATE topic SET title_en = $4, title_local = $5, summary = $6, area = $7, capacity = $8,
        state = CASE WHEN state = 'full' AND taken < $8 THEN 'open' WHEN state = 'open' AND taken >= $8 THEN 'full' ELSE state END,
        version = version + 1, changed_at = $9
        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND taken <= $8";
    /// Changes the state of the version read.
    SET_STATE: write [topic] = "UPDATE topic SET state = $4, version = version + 1, changed_at = $5
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
}

/// Returns a topic.
pub async fn find(tx: &mut Tx, id: TopicId) -> Result<Option<Topic>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns a cycle's topics; those not yet open only when they are in sight.
pub async fn list(
    tx: &mut Tx,
    cycle: CycleId,
    filter: &Filter,
    sight: &Sight,
    page: &PageRequest,
) -> Result<Page<Topic>> {
    let after = match filter.sort {
        Sort::Number | Sort::Title => After::of(page),
        Sort::NumberDown | Sort::TitleDown => After::down(page),
    };
    let text = filter.text.as_deref().map(like);
    let parameters = params![
        cycle,
        &after.sort,
        after.id,
        filter.state,
        filter.supervisor,
        filter.programme,
        text.as_deref(),
        sight.all,
        sight.person,
        page.fetch(),
        // What is not filtered by is said first, so that no row is looked up for it.
        filter.programme.is_none(),
        &sight.units,
    ];
    let (statement, sort): (_, fn(&Topic) -> &str) = match filter.sort {
        Sort::Number => (&LIST_BY_NUMBER, |topic| &topic.number),
        Sort::NumberDown => (&LIST_BY_NUMBER_DOWN, |topic| &topic.number),
        Sort::Title => (&LIST_BY_TITLE, |topic| &topic.title_en),
        Sort::TitleDown => (&LIST_BY_TITLE_DOWN, |topic| &topic.title_en),
    };
    let items: Vec<Topic> = tx.fetch(statement, parameters).await?;
    Ok(Page::cut(items, page, |topic| key(sort(topic), topic.id)))
}

/// Returns the number for one more topic of the cycle.
pub async fn next_number(tx: &mut Tx, cycle: CycleId) -> Result<String> {
    let last: Option<(String,)> = tx.fetch_optional(&LAST_NUMBER, params![cycle]).await?;
    Ok(following(last.as_ref().map_or("T000", |(number,)| number)))
}

/// Adds a topic; its number is unique within its cycle.
pub async fn insert(tx: &mut Tx, topic: &Topic) -> Result<()> {
    let parameters = params![
        topic.id,
        topic.cycle_id,
        &topic.number,
        &topic.title_en,
        &topic.title_local,
        &topic.summary,
        &topic.area,
        topic.supervisor_id,
        topic.capacity,
        topic.state,
        topic.changed_at,
    ];
    tx.execute(&INSERT, parameters).await.map(drop)
}

/// Changes text and capacity; returns false when the version is no longer this one, or more places are taken.
pub async fn change(tx: &mut Tx, id: TopicId, version: i64, text: &Text, capacity: u32) -> Result<bool> {
    let now = tx.now();
    let Text { title_en, title_local, summary, area } = text;
    Ok(tx.execute(&CHANGE, params![id, version, title_en, title_local, summary, area, capacity, now]).await? == 1)
}

/// Changes the state; returns false when the version is no longer this one.
pub async fn set_state(tx: &mut Tx, id: TopicId, version: i64, state: State) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&SET_STATE, params![id, version, state, now]).await? == 1)
}

/// Returns the pattern that finds `text` anywhere; its own wildcards find themselves by being left out.
pub(super) fn like(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    format!("%{}%", plain.trim().to_lowercase())
}

fn following(number: &str) -> String {
    let digits = number.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = number.strip_suffix(digits).unwrap_or("T");
    let width = digits.len().max(3);
    let next = digits.parse::<u64>().unwrap_or(0).saturating_add(1);
    format!("{prefix}{next:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_in_their_own_style() {
        assert_eq!(following("T000"), "T001");
        assert_eq!(following("AB-0099"), "AB-0100");
        assert_eq!(following("T999"), "T1000");
        assert_eq!(following("free"), "free001");
    }

    #[test]
    fn a_search_has_no_wildcards_of_its_own() {
        assert_eq!(like(" 100% Rice_ "), "%100 rice%");
    }
}
