//! Whole imports against a database.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base::{Ambient, Caller, Clock, Timestamp};
use cohort::{Cohort, Size};
use crypto::SystemRandom;
use futures_util::FutureExt;
use storage::{Database, NewTenant, Settings, Storage, params, statements};

use super::*;

statements! {
    COUNT_STUDENTS: scan [student] = "SELECT COUNT(*) FROM student WHERE tenant_id = $1";
    COUNT_PREFERENCES: scan [preference] = "SELECT COUNT(*) FROM preference WHERE tenant_id = $1";
    COUNT_EVENTS: scan [outbox] = "SELECT COUNT(*) FROM outbox WHERE tenant_id = $1";
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2027-03-01T05:00:00Z".parse().unwrap()
    }
}

struct Office {
    _folder: tempfile::TempDir,
    db: Database,
    caller: Caller,
}

impl Office {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ambient = Ambient::new(Arc::new(Noon), Arc::new(SystemRandom));
        let storage = Storage::open(Settings::embedded(folder.path()), ambient.clone()).await.unwrap();
        let new = NewTenant {
            slug: "uni".to_owned(),
            name: "University".to_owned(),
            name_local: String::new(),
            language: "en".to_owned(),
            zone: "Asia/Vientiane".to_owned(),
            domains: Vec::new(),
        };
        let tenant = storage.directory().create(new).await.unwrap().id;
        let db = storage.database("projects", &[messaging::SCHEMA, audit::SCHEMA, crate::schema()]).await.unwrap();
        Self { _folder: folder, db, caller: Caller::system(tenant, "import", ambient.id()) }
    }

    async fn import(&self, command: ImportCohort) -> Report {
        self.db.write(&self.caller, move |tx| async move { import_cohort(tx, &command).await }.boxed()).await.unwrap()
    }

    async fn count(&self, statement: &'static storage::Statement) -> i64 {
        let counted =
            self.db.read(&self.caller, |tx| async move { tx.fetch_one::<(i64,)>(statement, params![]).await }.boxed());
        counted.await.unwrap().0
    }
}

const SIZE: Size = Size { students: 700, supervisors: 30, topics: 80 };

fn command(cohort: &Cohort, mode: Mode) -> ImportCohort {
    let files = cohort.files.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes()));
    let files: Vec<_> = files.collect();
    let tables = ImportCohort::read(&files, &BTreeMap::new()).unwrap();
    ImportCohort { tables, cycle: None, mode, zone: TimeZone::UTC, run: None, progress: None }
}

#[tokio::test]
async fn the_same_files_twice_change_nothing() {
    let office = Office::new().await;
    let command = command(&Cohort::make(1, SIZE, false), Mode::AllOrNothing);
    let first = office.import(command.clone()).await;
    assert_eq!((first.outcome, first.rows_refused), (Outcome::Imported, 0));
    assert_eq!(office.count(&COUNT_STUDENTS).await, 700);
    assert_eq!(office.count(&COUNT_PREFERENCES).await, 3_500);
    // 730 people in two chunks, and four programmes.
    assert_eq!(office.count(&COUNT_EVENTS).await, 6);
    let second = office.import(command).await;
    assert!(second.kinds.iter().all(|kind| kind.new == 0 && kind.changed == 0), "{:?}", second.kinds);
    assert_eq!(second.cycle, first.cycle);
    assert_eq!((office.count(&COUNT_PREFERENCES).await, office.count(&COUNT_EVENTS).await), (3_500, 6));
}

#[tokio::test]
async fn refused_rows_stop_everything_or_only_themselves() {
    let office = Office::new().await;
    let cohort = Cohort::make(2, SIZE, true);
    let refused = office.import(command(&cohort, Mode::AllOrNothing)).await;
    assert_eq!(refused.outcome, Outcome::Refused);
    assert_eq!((office.count(&COUNT_STUDENTS).await, office.count(&COUNT_EVENTS).await), (0, 0));
    let mut faults: Vec<_> = cohort.faults.iter().map(|one| (one.file, one.line, one.column, one.reason)).collect();
    let of = |one: &Refusal| (one.file.to_string(), one.line as usize, one.column.to_string(), one.reason.as_str());
    let mut listed: Vec<_> = refused.refusals.iter().map(of).collect();
    faults.sort_unstable();
    listed.sort();
    assert_eq!(listed, faults.iter().map(|one| (one.0.to_owned(), one.1, one.2.to_owned(), one.3)).collect::<Vec<_>>());
    let imported = office.import(command(&cohort, Mode::GoodRows)).await;
    assert_eq!((imported.outcome, imported.rows_refused as usize), (Outcome::Imported, cohort.faults.len()));
    let students = cohort.faults.iter().filter(|fault| fault.file == "students.csv").count();
    assert_eq!(office.count(&COUNT_STUDENTS).await as usize, 700 - students);
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let office = Office::new().await;
    let command = command(&Cohort::make(3, SIZE, true), Mode::GoodRows);
    let tried = command.clone();
    let preview = office.db.read(&office.caller, |tx| async move { preview_import(tx, &tried).await }.boxed()).await;
    let preview: Report = preview.unwrap();
    assert_eq!((preview.outcome, preview.import), (Outcome::DryRun, None));
    assert_eq!(office.count(&COUNT_STUDENTS).await, 0);
    let imported = office.import(command).await;
    assert_eq!((preview.kinds, preview.refusals), (imported.kinds, imported.refusals));
}

#[tokio::test]
async fn a_changed_file_changes_what_it_changed() {
    let office = Office::new().await;
    let mut cohort = Cohort::make(4, SIZE, false);
    office.import(command(&cohort, Mode::AllOrNothing)).await;
    let students = cohort.files.iter_mut().find(|(name, _)| *name == "students.csv").unwrap();
    let line = students.1.lines().nth(5).unwrap().to_owned();
    let mut cells: Vec<_> = line.split(',').collect();
    let last = cells.len() - 2;
    cells[last] = "CS-9";
    students.1 = students.1.replace(&line, &cells.join(","));
    let report = office.import(command(&cohort, Mode::AllOrNothing)).await;
    let changed: Vec<_> = report.kinds.iter().map(|kind| (kind.kind, kind.new, kind.changed)).collect();
    assert!(changed.contains(&(Kind::Students, 0, 1)), "{changed:?}");
    assert_eq!(changed.iter().map(|(_, new, changed)| new + changed).sum::<u32>(), 1);
}

#[tokio::test]
async fn nobody_but_a_coordinator_imports() {
    let office = Office::new().await;
    let command = command(&Cohort::make(5, SIZE, false), Mode::AllOrNothing);
    let nobody = Caller::nobody(office.caller.tenant(), base::RequestId::from_u128(1));
    let outcome = office.db.write(&nobody, move |tx| async move { import_cohort(tx, &command).await }.boxed()).await;
    assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
}

/// Not a benchmark; a quadratic step would run into the test runner's limit.
#[tokio::test]
async fn fifty_thousand_students_come_in_with_progress() {
    let office = Office::new().await;
    let size = Size { students: 50_000, supervisors: 900, topics: 2_000 };
    let mut cohort = Cohort::make(6, size, false);
    cohort.files.retain(|(name, _)| *name != "preferences.csv");
    let heard = Arc::new(AtomicUsize::new(0));
    let ear = Arc::clone(&heard);
    let progress: OnProgress = Arc::new(move |done, total| {
        assert!(done <= total);
        ear.store(done, Ordering::Relaxed);
    });
    let report = office.import(ImportCohort { progress: Some(progress), ..command(&cohort, Mode::AllOrNothing) }).await;
    assert_eq!(report.outcome, Outcome::Imported);
    assert!(heard.load(Ordering::Relaxed) > 100_000);
}
