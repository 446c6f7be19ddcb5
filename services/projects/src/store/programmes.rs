//! Programmes: the courses of study that students are in and topics are for.

use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::ids::{ProgrammeId, TopicId};

record! {
    /// A programme.
    Programme {
        id: ProgrammeId,
        code: String,
        title_en: String,
        title_local: String,
    }
}

statements! {
    /// Lists all programmes; a university has tens.
    LIST: read [programme] = "SELECT id, code, title_en, title_local FROM programme WHERE tenant_id = $1 ORDER BY code";
    /// Finds one programme.
    FIND: read [programme] = "SELECT id, code, title_en, title_local FROM programme WHERE tenant_id = $1 AND id = $2";
    /// Adds a programme.
    INSERT: write [programme] = "INSERT INTO programme (tenant_id, id, code, title_en, title_local) VALUES ($1, $2, $3, $4, $5)";
    /// Lists programmes of which nobody was told, or not since they changed.
    UNTOLD: read [programme] = "SELECT id, code, title_en, title_local FROM programme WHERE tenant_id = $1 AND told = FALSE ORDER BY code LIMIT $2";
    /// Says that everybody was told of a programme.
    TOLD: write [programme] = "UPDATE programme SET told = TRUE WHERE tenant_id = $1 AND id = $2";
    /// Lists the programmes that a topic is for.
    OF_TOPIC: read [topic_programme, programme] = "SELECT p.id, p.code, p.title_en, p.title_local
        FROM topic_programme t JOIN programme p ON p.tenant_id = t.tenant_id AND p.id = t.programme_id
        WHERE t.tenant_id = $1 AND t.topic_id = $2 ORDER BY p.code";
    /// Says that a topic is for a programme.
    LINK: write [topic_programme] = "INSERT INTO topic_programme (tenant_id, topic_id, programme_id) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    /// Forgets which programmes a topic is for.
    UNLINK: write [topic_programme] = "DELETE FROM topic_programme WHERE tenant_id = $1 AND topic_id = $2";
}

/// Returns all programmes, by code.
pub async fn list(tx: &mut Tx) -> Result<Vec<Programme>> {
    tx.fetch(&LIST, params![]).await
}

/// Returns a programme.
pub async fn find(tx: &mut Tx, id: ProgrammeId) -> Result<Option<Programme>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns programmes of which nobody was told, or not since they changed; at most `limit`.
pub async fn untold(tx: &mut Tx, limit: u32) -> Result<Vec<Programme>> {
    tx.fetch(&UNTOLD, params![limit]).await
}

/// Says that everybody was told of these programmes.
pub async fn set_told(tx: &mut Tx, programmes: &[Programme]) -> Result<()> {
    let rows: Vec<_> = programmes.iter().map(|programme| params![programme.id].to_vec()).collect();
    tx.execute_many(&TOLD, &rows).await.map(drop)
}

/// Adds a programme; its code is unique.
pub async fn insert(tx: &mut Tx, programme: &Programme) -> Result<()> {
    let Programme { id, code, title_en, title_local } = programme;
    tx.execute(&INSERT, params![*id, code, title_en, title_local]).await.map(drop)
}

/// Returns the programmes that a topic is for; none means all.
pub async fn of_topic(tx: &mut Tx, topic: TopicId) -> Result<Vec<Programme>> {
    tx.fetch(&OF_TOPIC, params![topic]).await
}

/// Sets the programmes that a topic is for.
pub async fn set_of_topic(tx: &mut Tx, topic: TopicId, programmes: &[ProgrammeId]) -> Result<()> {
    tx.execute(&UNLINK, params![topic]).await?;
    let rows: Vec<_> = programmes.iter().map(|programme| params![topic, *programme].to_vec()).collect();
    tx.execute_many(&LINK, &rows).await.map(drop)
}
