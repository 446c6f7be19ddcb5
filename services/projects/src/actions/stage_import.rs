//! Keep the files of an import until somebody decides: what each table holds, and whether it goes in.

use std::time::Duration;

use contracts::ids::ImportId;
use serde::{Deserialize, Serialize};
use storage::Tx;

use super::{import_cohort::Error, record, relations};
use crate::{
    model::import::{self, Kind, Mapping, Problem, State, TABLES_MAX, Table},
    policy,
    store::import::runs::{self, File, Run},
};

/// How long files wait for a decision.
const WAITS_FOR: Duration = Duration::from_hours(24);
/// Most imports of a university that wait at once.
const WAITING_MAX: usize = 20;
/// An import that has been running for so long runs no more: its node died.
const RUNS_FOR: Duration = Duration::from_mins(10);

/// What was decided of one table of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What it holds; nothing leaves it out.
    pub kind: Option<Kind>,
    pub columns: Vec<Option<String>>,
    /// False while the names say too little and nobody has looked.
    pub decided: bool,
}

/// A table of a file that waits.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The file's place, and the table's within it.
    pub place: (u32, usize),
    pub table: Table,
    pub choice: Choice,
}

impl Staged {
    /// Returns the mapping chosen, when the table is not left out.
    pub fn mapping(&self) -> Option<Mapping> {
        Some(Mapping { kind: self.choice.kind?, columns: self.choice.columns.clone() })
    }

    /// Returns what is wrong with the choice.
    pub fn problems(&self) -> Vec<Problem> {
        if !self.choice.decided {
            return Mapping::automatic(&self.table).err().unwrap_or_default();
        }
        self.mapping().and_then(|mapping| mapping.check(&self.table).err()).unwrap_or_default()
    }
}

/// Reads files that came just now, and decides what their names decide.
pub fn read(files: Vec<(String, Vec<u8>)>) -> Result<Vec<File>, Error> {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    let mut tables_count = 0;
    for (position, (name, content)) in (0_u32..).zip(files) {
        match import::read(&name, &content) {
            Ok(tables) => {
                tables_count += tables.len();
                let choices: Vec<Choice> = tables.iter().map(choose).collect();
                let mapping = serde_json::to_string(&choices).unwrap_or_default();
                read.push(File { position, name, mapping, content });
            }
            Err(problem) => problems.push(problem),
        }
    }
    if tables_count > TABLES_MAX {
        problems.push(Problem::TooManyTables { tables_max: TABLES_MAX });
    }
    match (problems.is_empty(), read.is_empty()) {
        (false, _) => Err(Error::Problems(problems)),
        (true, true) => Err(Error::NoFiles),
        (true, false) => Ok(read),
    }
}

/// Opens files that were kept.
pub fn open(files: &[File]) -> Result<Vec<Staged>, Error> {
    let mut staged = Vec::new();
    for file in files {
        let tables = import::read(&file.name, &file.content).map_err(|problem| Error::Problems(vec![problem]))?;
        let choices: Vec<Choice> = serde_json::from_str(&file.mapping).unwrap_or_default();
        let mut choices = choices.into_iter();
        for (index, table) in tables.into_iter().enumerate() {
            let choice = choices.next().unwrap_or_else(|| choose(&table));
            staged.push(Staged { place: (file.position, index), table, choice });
        }
    }
    Ok(staged)
}

/// Returns the tables that go in, or what stands in the way.
pub fn decided(staged: Vec<Staged>) -> Result<Vec<(Table, Mapping)>, Error> {
    let problems: Vec<Problem> = staged.iter().flat_map(Staged::problems).collect();
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let tables = staged.into_iter().filter_map(|staged| staged.mapping().map(|mapping| (staged.table, mapping)));
    let tables: Vec<_> = tables.collect();
    if tables.is_empty() { Err(Error::NoFiles) } else { Ok(tables) }
}

fn choose(table: &Table) -> Choice {
    if let Ok(mapping) = Mapping::automatic(table) {
        return Choice { kind: Some(mapping.kind), columns: mapping.columns, decided: true };
    }
    let kind = Mapping::guess_kind(table);
    let columns = kind.map_or_else(|| vec![None; table.header.len()], |kind| Mapping::draft(table, kind).columns);
    Choice { kind, columns, decided: false }
}

/// Keeps files. Files that waited too long make room.
pub async fn stage_import(tx: &mut Tx, files: Vec<File>) -> Result<ImportId, Error> {
    authorize(tx)?;
    let mut waiting = runs::waiting(tx).await?;
    let expired = tx.now().minus(WAITS_FOR);
    for (id, _) in waiting.extract_if(.., |(_, since)| *since < expired) {
        runs::forget(tx, id).await?;
    }
    if waiting.len() >= WAITING_MAX {
        return Err(Error::TooManyWaiting);
    }
    let id: ImportId = tx.id();
    runs::stage(tx, id, 0).await?;
    for file in &files {
        runs::keep_file(tx, id, file).await?;
    }
    Ok(id)
}

/// Returns the latest imports.
pub async fn latest_imports(tx: &mut Tx, limit: u32) -> Result<Vec<Run>, Error> {
    authorize(tx)?;
    Ok(runs::latest(tx, limit).await?)
}

/// Returns an import, and its files while it waits.
pub async fn find_import(tx: &mut Tx, id: ImportId) -> Result<(Run, Vec<File>), Error> {
    authorize(tx)?;
    let run = runs::find(tx, id).await?.ok_or(Error::Gone)?;
    let files = if run.state == State::Staged { runs::files(tx, id).await? } else { Vec::new() };
    if run.state == State::Staged && files.is_empty() {
        return Err(Error::Gone);
    }
    Ok((run, files))
}

/// Returns the refused rows of an import that has ended, as a JSON list.
pub async fn refused_rows(tx: &mut Tx, id: ImportId) -> Result<String, Error> {
    authorize(tx)?;
    runs::refusals(tx, id).await?.ok_or(Error::Gone)
}

/// Writes down what was decided of a file's tables.
pub async fn map_import(tx: &mut Tx, id: ImportId, files: &[(u32, Vec<Choice>)]) -> Result<(), Error> {
    authorize(tx)?;
    if runs::find(tx, id).await?.ok_or(Error::Gone)?.state != State::Staged {
        return Err(Error::NotWaiting);
    }
    for (position, choices) in files {
        runs::map_file(tx, id, *position, &serde_json::to_string(choices).unwrap_or_default()).await?;
    }
    Ok(())
}

/// Marks an import as running and returns its files; of two who try, one fails.
pub async fn begin_import(tx: &mut Tx, id: ImportId) -> Result<Vec<File>, Error> {
    authorize(tx)?;
    let stale = tx.now().minus(RUNS_FOR);
    if !runs::begin(tx, id, stale).await? {
        return Err(if runs::find(tx, id).await?.is_some() { Error::NotWaiting } else { Error::Gone });
    }
    Ok(runs::files(tx, id).await?)
}

/// Puts an import that failed back to waiting.
pub async fn give_back_import(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    Ok(runs::give_back(tx, id).await?)
}

/// Removes an import that waits.
pub async fn discard_import(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    authorize(tx)?;
    if runs::find(tx, id).await?.ok_or(Error::Gone)?.state != State::Staged {
        return Err(Error::NotWaiting);
    }
    runs::forget(tx, id).await?;
    Ok(record::write(tx, &policy::IMPORT, ("import", id), &serde_json::json!({ "outcome": "discarded" })).await?)
}

fn authorize(tx: &Tx) -> Result<(), Error> {
    Ok(access::require(&policy::IMPORT, relations::to_university(tx), tx.caller())?)
}
