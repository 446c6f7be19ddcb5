//! The imports themselves: files that wait for a decision, and what became of each run.

use base::{PersonId, Timestamp};
use contracts::ids::ImportId;
use storage::{Result, Tx, params, statements};

use crate::{
    model::{ids::CycleId, import::State},
    store::record::record,
};

record! {
    /// An import.
    Run {
        id: ImportId,
        cycle_id: Option<CycleId>,
        mode: String,
        state: State,
        rows_total: i64,
        rows_done: i64,
        rows_refused: i64,
        started_by: Option<PersonId>,
        started_at: Timestamp,
        finished_at: Option<Timestamp>,
    }
}

record! {
    /// A file of an import, whole.
    File {
        position: u32,
        name: String,
        mapping: String,
        content: Vec<u8>,
    }
}

statements! {
    /// Adds an import.
    INSERT: write [import_run] = "INSERT INTO import_run (tenant_id, id, cycle_id, mode, state, rows_total, rows_done, rows_refused,
        refusals, started_by, started_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// Finds an import.
    FIND: read [import_run] = "SELECT id, cycle_id, mode, state, rows_total, rows_done, rows_refused, started_by, started_at,
        finished_at FROM import_run WHERE tenant_id = $1 AND id = $2";
    /// Lists the latest imports.
    LATEST: read [import_run] = "SELECT id, cycle_id, mode, state, rows_total, rows_done, rows_refused, started_by, started_at,
        finished_at FROM import_run WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    /// Reads the refused rows of an import.
    REFUSALS: read [import_run] = "SELECT refusals FROM import_run WHERE tenant_id = $1 AND id = $2";
    /// Sets where an import is, if it is where it was; an import that stopped running long ago may be begun again.
    MOVE: write [import_run] = "UPDATE import_run SET state = $4, started_at = $5 WHERE tenant_id = $1 AND id = $2
        AND (state = $3 OR (state = 'running' AND started_at < $6))";
    /// Writes down how an import ended.
    FINISH: write [import_run] = "UPDATE import_run SET state = $3, cycle_id = $4, mode = $5, rows_total = $6, rows_done = $7,
        rows_refused = $8, refusals = $9, finished_at = $10 WHERE tenant_id = $1 AND id = $2";
    /// Keeps a file of an import.
    INSERT_FILE: write [import_file] = "INSERT INTO import_file (tenant_id, import_id, position, name, sheet, mapping, content)
        VALUES ($1, $2, $3, $4, '', $5, $6)";
    /// Reads the files of an import.
    FILES: read [import_file] = "SELECT position, name, mapping, content FROM import_file WHERE tenant_id = $1 AND import_id = $2
        ORDER BY position";
    /// Says what a file holds.
    MAP: write [import_file] = "UPDATE import_file SET mapping = $4 WHERE tenant_id = $1 AND import_id = $2 AND position = $3";
    /// Removes the files of an import.
    FORGET_FILES: write [import_file] = "DELETE FROM import_file WHERE tenant_id = $1 AND import_id = $2";
    /// Lists imports that nobody decided on.
    WAITING: read [import_run] = "SELECT id, started_at FROM import_run WHERE tenant_id = $1 AND state = 'staged'
        ORDER BY started_at, id LIMIT 1000";
    /// Removes an import.
    FORGET: write [import_run] = "DELETE FROM import_run WHERE tenant_id = $1 AND id = $2";
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub cycle: Option<CycleId>,
    pub mode: &'static str,
    pub state: State,
    pub rows_total: u32,
    pub rows_done: u32,
    pub rows_refused: u32,
    /// JSON list.
    pub refusals: String,
}

/// Adds an import whose files wait; its files are added by [`keep_file`].
pub async fn stage(tx: &mut Tx, id: ImportId, rows_total: u32) -> Result<()> {
    let (by, now) = (tx.caller().person_id(), tx.now());
    let none: Option<Timestamp> = None;
    let parameters = params![id, None::<CycleId>, "", State::Staged, rows_total, 0_i64, 0_i64, "[]", by, now, none,];
    tx.execute(&INSERT, parameters).await.map(drop)
}

/// Adds an import that began and ended at once.
pub async fn record(tx: &mut Tx, id: ImportId, ending: &Ending) -> Result<()> {
    let (by, now) = (tx.caller().person_id(), tx.now());
    let Ending { cycle, mode, state, rows_total, rows_done, rows_refused, refusals } = ending;
    let parameters =
        params![id, *cycle, *mode, *state, *rows_total, *rows_done, *rows_refused, refusals, by, now, Some(now)];
    tx.execute(&INSERT, parameters).await.map(drop)
}

/// Writes down how an import ended; returns false when there is no such import.
pub async fn finish(tx: &mut Tx, id: ImportId, ending: &Ending) -> Result<bool> {
    let now = tx.now();
    let Ending { cycle, mode, state, rows_total, rows_done, rows_refused, refusals } = ending;
    let parameters = params![id, *state, *cycle, *mode, *rows_total, *rows_done, *rows_refused, refusals, now];
    Ok(tx.execute(&FINISH, parameters).await? == 1)
}

/// Returns an import.
pub async fn find(tx: &mut Tx, id: ImportId) -> Result<Option<Run>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns the latest imports.
pub async fn latest(tx: &mut Tx, limit: u32) -> Result<Vec<Run>> {
    tx.fetch(&LATEST, params![i64::from(limit)]).await
}

/// Returns the refused rows of an import, as a JSON list.
pub async fn refusals(tx: &mut Tx, id: ImportId) -> Result<Option<String>> {
    Ok(tx.fetch_optional::<(String,)>(&REFUSALS, params![id]).await?.map(|(refusals,)| refusals))
}

/// Marks an import as running; returns false when it is not waiting. One that began to run before `stale` counts as waiting.
pub async fn begin(tx: &mut Tx, id: ImportId, stale: Timestamp) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&MOVE, params![id, State::Staged, State::Running, now, stale]).await? == 1)
}

/// Puts a running import back to waiting, after it failed without having changed anything.
pub async fn give_back(tx: &mut Tx, id: ImportId) -> Result<()> {
    let now = tx.now();
    tx.execute(&MOVE, params![id, State::Running, State::Staged, now, Timestamp::EPOCH]).await.map(drop)
}

/// Keeps a file of an import.
pub async fn keep_file(tx: &mut Tx, id: ImportId, file: &File) -> Result<()> {
    let File { position, name, mapping, content } = file;
    tx.execute(&INSERT_FILE, params![id, *position, name, mapping, content]).await.map(drop)
}

/// Returns the files of an import.
pub async fn files(tx: &mut Tx, id: ImportId) -> Result<Vec<File>> {
    tx.fetch(&FILES, params![id]).await
}

/// Says what a file holds.
pub async fn map_file(tx: &mut Tx, id: ImportId, position: u32, mapping: &str) -> Result<()> {
    tx.execute(&MAP, params![id, position, mapping]).await.map(drop)
}

/// Removes the files of an import; what became of it stays.
pub async fn forget_files(tx: &mut Tx, id: ImportId) -> Result<()> {
    tx.execute(&FORGET_FILES, params![id]).await.map(drop)
}

/// Returns the imports that wait, the oldest first.
pub async fn waiting(tx: &mut Tx) -> Result<Vec<(ImportId, Timestamp)>> {
    tx.fetch(&WAITING, params![]).await
}

/// Removes an import and its files.
pub async fn forget(tx: &mut Tx, id: ImportId) -> Result<()> {
    forget_files(tx, id).await?;
    tx.execute(&FORGET, params![id]).await.map(drop)
}
