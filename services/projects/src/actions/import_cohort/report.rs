//! What an import did, or would do.

use contracts::ids::ImportId;
use serde::{Deserialize, Serialize};

use crate::model::{
    ids::CycleId,
    import::{Checked, Kind, Mapping, Outcome, Plan, Refusal, Table, check::RowCount, plan::Changes},
};

/// Rows of each table that a report shows.
const SAMPLE_ROWS: usize = 5;

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// The import's id; a dry run has none.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub import: Option<ImportId>,
    /// The cycle; a dry run of a university without cycles has none.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub cycle: Option<CycleId>,
    /// `dry_run`, `imported` or `refused`.
    #[schema(value_type = String)]
    pub outcome: Outcome,
    pub rows_read: u32,
    pub rows_refused: u32,
    /// A line for each kind of record in the files.
    pub kinds: Vec<KindReport>,
    /// The first rows of each table.
    pub samples: Vec<Sample>,
    /// What is wrong with the rows refused.
    #[schema(value_type = Vec<Object>)]
    pub refusals: Vec<Refusal>,
}

/// What becomes of the records of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KindReport {
    #[schema(value_type = String)]
    pub kind: Kind,
    pub rows_read: u32,
    pub rows_refused: u32,
    pub new: u32,
    pub changed: u32,
    pub unchanged: u32,
}

/// The first rows of a table, as the file has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sample {
    pub file: String,
    #[schema(value_type = String)]
    pub kind: Kind,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Puts a report together.
pub(super) fn make(
    checked: &Checked,
    plan: &Plan,
    tables: &[(Table, Mapping)],
    (cycle, outcome): (Option<CycleId>, Outcome),
) -> Report {
    let total = checked.total();
    Report {
        import: None,
        cycle,
        outcome,
        rows_read: total.read,
        rows_refused: total.refused,
        kinds: kinds(checked, plan),
        samples: tables.iter().map(sample).collect(),
        refusals: checked.refusals.clone(),
    }
}

fn kinds(checked: &Checked, plan: &Plan) -> Vec<KindReport> {
    let mut kinds: Vec<Kind> = checked.counts.iter().map(|(kind, _)| *kind).collect();
    kinds.extend(plan.changes.iter().map(|(kind, _)| *kind));
    kinds.sort();
    kinds.dedup();
    let line = |kind: Kind| {
        let count =
            checked.counts.iter().find(|(one, _)| *one == kind).map_or_else(RowCount::default, |(_, count)| *count);
        let changes =
            plan.changes.iter().find(|(one, _)| *one == kind).map_or_else(Changes::default, |(_, changes)| *changes);
        KindReport {
            kind,
            rows_read: count.read,
            rows_refused: count.refused,
            new: changes.new,
            changed: changes.changed,
            unchanged: changes.unchanged,
        }
    };
    kinds.into_iter().map(line).collect()
}

fn sample((table, mapping): &(Table, Mapping)) -> Sample {
    Sample {
        file: table.file.clone(),
        kind: mapping.kind,
        header: table.header.clone(),
        rows: table.rows.iter().take(SAMPLE_ROWS).map(|row| row.cells.clone()).collect(),
    }
}
