//! Import a cohort: a faculty's spreadsheets become programmes, people, topics and wishes, all in one transaction.
//!
//! The same files twice change nothing. A dry run does everything but write.

pub mod error;
pub mod report;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use base::{Id, TenantId, Timestamp};
use contracts::{
    events::projects::{ROSTER_CHUNK_MAX, RosterImported, RosterPerson},
    ids::ImportId,
    roles::names,
};
use jiff::tz::TimeZone;
use serde_json::json;
use storage::{Database, Tx};

pub use self::{error::Error, report::Report};
use super::{
    create_cycle::{CreateCycle, create_cycle},
    record, relations,
    tell_programmes::tell_programmes,
};
use crate::{
    model::{
        cycle::{Dates, Policy},
        ids::CycleId,
        import::{
            self, Checked, Given, Kind, Mapping, Mode, Outcome, Plan, Problem, Refusal, TABLES_MAX, Table, check,
            plan::Arrival,
        },
    },
    policy,
    store::{cycles, import as store},
};

/// Most bytes of text in one event of people; well below what messaging carries.
const ROSTER_BYTES_MAX: usize = 200_000;

/// Hears how many rows of how many are written. Called within the transaction: it must return at once.
pub type OnProgress = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// What to import, and how.
#[derive(Clone)]
pub struct ImportCohort {
    /// The tables, each with what it holds.
    pub tables: Vec<(Table, Mapping)>,
    /// The cycle to fill. Without one, the newest that is not over; when there is none, a draft is made.
    pub cycle: Option<CycleId>,
    pub mode: Mode,
    /// The university's time zone.
    pub zone: TimeZone,
    /// The import that the files were kept for, if they were.
    pub run: Option<ImportId>,
    pub progress: Option<OnProgress>,
}

impl ImportCohort {
    /// Reads files and finds out what each of their tables holds: as `given` says of it by its file's name, else by names.
    pub fn read(files: &[(String, Vec<u8>)], given: &BTreeMap<String, Given>) -> Result<Vec<(Table, Mapping)>, Error> {
        let (mut tables, mut problems) = (Vec::new(), Vec::new());
        for (name, bytes) in files {
            match import::read(name, bytes) {
                Ok(read) => tables.extend(read),
                Err(problem) => problems.push(problem),
            }
        }
        if tables.len() > TABLES_MAX {
            problems.push(Problem::TooManyTables { tables_max: TABLES_MAX });
        }
        let mut mapped = Vec::with_capacity(tables.len());
        for table in tables {
            let mapping = match given.get(&table.file) {
                Some(given) => Mapping::given(&table, given),
                None => Mapping::automatic(&table),
            };
            match mapping {
                Ok(mapping) => mapped.push((table, mapping)),
                Err(more) => problems.extend(more),
            }
        }
        match (problems.is_empty(), mapped.is_empty()) {
            (false, _) => Err(Error::Problems(problems)),
            (true, true) => Err(Error::NoFiles),
            (true, false) => Ok(mapped),
        }
    }
}

/// Returns the time zone of a university.
pub fn zone_of(db: &Database, tenant: TenantId) -> TimeZone {
    let zone = db.directory().tenant(tenant).and_then(|tenant| TimeZone::get(&tenant.zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}

/// An import thought through: what is wrong, and what would change.
struct Prepared {
    checked: Checked,
    plan: Plan,
}

/// Says what an import would do, and does nothing.
pub async fn preview_import(tx: &mut Tx, command: &ImportCohort) -> Result<Report, Error> {
    access::require(&policy::IMPORT, relations::to_university(tx), tx.caller())?;
    let cycle = choose_cycle(tx, command.cycle).await?;
    let Prepared { checked, plan } = prepare(tx, command, cycle).await?;
    Ok(report::make(&checked, &plan, &command.tables, (cycle, Outcome::DryRun)))
}

/// Imports. Refused rows in the mode that wants all or nothing are an outcome, not an error: the report lists them.
pub async fn import_cohort(tx: &mut Tx, command: &ImportCohort) -> Result<Report, Error> {
    access::require(&policy::IMPORT, relations::to_university(tx), tx.caller())?;
    let cycle = choose_cycle(tx, command.cycle).await?;
    if let Some(cycle) = cycle {
        // Whoever is enrolled meanwhile is known when the next begins, and makes no second card.
        cycles::hold(tx, cycle).await?;
    }
    let Prepared { checked, plan } = prepare(tx, command, cycle).await?;
    let id = command.run.unwrap_or_else(|| tx.id());
    if command.mode == Mode::AllOrNothing && checked.total().refused > 0 {
        let report = report::make(&checked, &plan, &command.tables, (cycle, Outcome::Refused));
        return finish(tx, command, id, report).await;
    }
    let cycle = match cycle {
        Some(cycle) => cycle,
        None => make_cycle(tx, &command.zone).await?,
    };
    write(tx, command, cycle, &plan).await?;
    announce(tx, id, &plan.roster).await?;
    let report = report::make(&checked, &plan, &command.tables, (Some(cycle), Outcome::Imported));
    finish(tx, command, id, report).await
}

async fn prepare(tx: &mut Tx, command: &ImportCohort, cycle: Option<CycleId>) -> Result<Prepared, Error> {
    let kinds: Vec<Kind> = command.tables.iter().map(|(_, mapping)| mapping.kind).collect();
    let existing = store::read::existing(tx, cycle, &kinds).await?;
    let checked = check(&command.tables, &existing.known(command.zone.clone())).map_err(Error::Problems)?;
    let ambient = tx.ambient().clone();
    let plan = Plan::make(&checked.cohort, &existing, &|| ambient.id::<ImportId>().uuid());
    Ok(Prepared { checked, plan })
}

/// Returns the cycle asked for, else the newest that is not over.
async fn choose_cycle(tx: &mut Tx, wanted: Option<CycleId>) -> Result<Option<CycleId>, Error> {
    let Some(wanted) = wanted else {
        let page = cycles::list(tx, None, &base::PageRequest::default()).await?;
        return Ok(page.items.iter().find(|cycle| cycle.state.takes_people()).map(|cycle| cycle.id));
    };
    match cycles::find(tx, wanted).await? {
        Some(cycle) if cycle.state.takes_people() => Ok(Some(wanted)),
        Some(_) => Err(Error::CycleOver),
        None => Err(crate::Error::NotFound("cycle").into()),
    }
}

/// Makes a draft of the present academic year, for a university that has no cycle yet; the coordinator sets its dates.
async fn make_cycle(tx: &mut Tx, zone: &TimeZone) -> Result<CycleId, Error> {
    const DAY: std::time::Duration = std::time::Duration::from_hours(24);
    let now = tx.now();
    let today = jiff::Timestamp::from_microsecond(now.as_micros()).unwrap_or_default().to_zoned(zone.clone());
    let first_year = if today.month() < 7 { today.year() - 1 } else { today.year() };
    let name = format!("{first_year}/{:02}", (first_year + 1).rem_euclid(100));
    let after = |days: u32| -> Timestamp { now + DAY * days };
    let dates = Dates { starts_at: now, proposals_until_at: after(90), final_due_at: after(270), ends_at: after(330) };
    let command = CreateCycle { name, dates, template_id: None, policy: Policy::default() };
    Ok(create_cycle(tx, command).await?)
}

async fn write(tx: &mut Tx, command: &ImportCohort, cycle: CycleId, plan: &Plan) -> Result<(), Error> {
    let done = std::sync::atomic::AtomicUsize::new(0);
    let total = plan.len();
    let count = |rows: usize| {
        let done = done.fetch_add(rows, std::sync::atomic::Ordering::Relaxed) + rows;
        if let Some(progress) = &command.progress {
            progress(done.min(total), total);
        }
    };
    store::write::apply(tx, cycle, plan, &count).await?;
    Ok(tell_programmes(tx).await?)
}

/// Tells who makes accounts of the people that are new or changed.
async fn announce(tx: &mut Tx, id: ImportId, roster: &[Arrival]) -> Result<(), Error> {
    let imported_at = tx.now();
    let mut rest = roster;
    let mut chunk = 0;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(ROSTER_CHUNK_MAX).take_while(|arrival| {
            let card = &arrival.card;
            bytes += 200 + card.family_name.len() + card.given_name.len() + card.email.len();
            bytes <= ROSTER_BYTES_MAX
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        let people = now.iter().map(person).collect();
        messaging::emit(tx, &RosterImported { import: id, chunk, people, imported_at }).await?;
        rest = later;
        chunk += 1;
    }
    Ok(())
}

fn person(arrival: &Arrival) -> RosterPerson {
    RosterPerson {
        person: arrival.person,
        numbers: arrival.card.number.iter().cloned().collect(),
        family_name: arrival.card.family_name.clone(),
        given_name: arrival.card.given_name.clone(),
        email: Some(arrival.card.email.clone()),
        language: None,
        role: if arrival.kind == Kind::Supervisors { names::SUPERVISOR } else { names::STUDENT }.to_owned(),
        scope: base::Scope::Tenant,
    }
}

/// Writes down how the import ended, in its own table and in the audit log.
async fn finish(tx: &mut Tx, command: &ImportCohort, id: ImportId, report: Report) -> Result<Report, Error> {
    let imported = report.outcome == Outcome::Imported;
    let ending = store::runs::Ending {
        cycle: report.cycle,
        mode: command.mode.word(),
        state: if imported { import::State::Done } else { import::State::Failed },
        rows_total: report.rows_read,
        rows_done: if imported { report.rows_read - report.rows_refused } else { 0 },
        rows_refused: report.rows_refused,
        refusals: serde_json::to_string::<Vec<Refusal>>(&report.refusals).unwrap_or_default(),
    };
    if command.run.is_none() || !store::runs::finish(tx, id, &ending).await? {
        store::runs::record(tx, id, &ending).await?;
    }
    store::runs::forget_files(tx, id).await?;
    let detail = json!({
        "outcome": report.outcome, "mode": command.mode, "cycle": report.cycle,
        "rows_read": report.rows_read, "rows_refused": report.rows_refused,
    });
    record::write(tx, &policy::IMPORT, ("import", id), &detail).await?;
    Ok(Report { import: Some(id), ..report })
}
